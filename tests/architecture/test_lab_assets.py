"""The built side of the JupyterLab extension is that of its sources, small, and goes where JupyterLab looks for it."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from hatchling.builders.wheel import WheelBuilder

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[2]
LAB = ROOT / "nbpipe" / "lab"
BUILD = "build it again: cd nbpipe/lab/ts && jlpm && jlpm build"
MOST_BYTES = 200_000


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_assets_are_built_from_the_present_sources() -> None:
    recorded = json.loads((LAB / "static" / "sources.json").read_text())
    present = [LAB / "ts" / name for name in ("package.json", "tsconfig.json", "yarn.lock")]
    present += [
        path for name in ("schema", "src", "style") for path in (LAB / "ts" / name).rglob("*") if path.is_file()
    ]

    assert recorded == {path.relative_to(LAB / "ts").as_posix(): digest(path) for path in present}, BUILD


def test_the_types_are_generated_from_the_present_schema() -> None:
    first = (LAB / "ts" / "src" / "schema.ts").read_text().partition("\n")[0]

    assert f"sha256 {digest(ROOT / 'docs/pages/schema/lab.json')};" in first, BUILD


def test_the_assets_are_complete_and_small() -> None:
    static = LAB / "static"
    load = json.loads((static / "package.json").read_text())["jupyterlab"]["_build"]["load"]
    scripts = list((static / "static").glob("*.js"))

    assert (static / load).is_file()
    assert len([path for path in scripts if path.name.startswith("remoteEntry.")]) == 1
    assert sum(path.stat().st_size for path in scripts) < MOST_BYTES


def test_installing_puts_everything_in_its_place_without_node(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (config,) = (name for name in names if name.endswith("/etc/jupyter/jupyter_server_config.d/nbpipe.json"))
        assert json.loads(archive.read(config)) == {"ServerApp": {"jpserver_extensions": {"nbpipe.lab": True}}}

    data = config.removesuffix("etc/jupyter/jupyter_server_config.d/nbpipe.json")
    extension = f"{data}share/jupyter/labextensions/@nbpipe/lab/"
    static = [path.relative_to(LAB / "static").as_posix() for path in (LAB / "static").rglob("*") if path.is_file()]
    assert {name.removeprefix(extension) for name in names if name.startswith(extension)} == {*static, "install.json"}
    assert "nbpipe/lab/handlers.py" in names
    assert not [name for name in names if name.startswith(("nbpipe/lab/ts/", "nbpipe/lab/static/"))]
