"""docs/generate.py writes what is missing or stale, removes what is left over, and names both when checking."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

SCRIPT = Path(__file__).parents[2] / "docs" / "generate.py"


@pytest.fixture
def generate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Give the script, writing into a folder of its own."""
    spec = importlib.util.spec_from_file_location("generate", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return module


def test_what_is_stale_is_named_and_written(
    generate: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generate.main(check=True) == 1
    assert "stale: docs/pages/cli.md\n" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())

    assert generate.main(check=False) == 0
    assert generate.main(check=True) == 0
    capsys.readouterr()

    (tmp_path / "docs/pages/configuration.md").write_text("edited by hand")
    (tmp_path / "docs/pages/rules/no-such-rule.md").write_text("left over")
    assert generate.main(check=True) == 1
    assert capsys.readouterr().out.splitlines() == [
        "stale: docs/pages/configuration.md",
        "stale: docs/pages/rules/no-such-rule.md",
    ]
    generate.main(check=False)
    assert not (tmp_path / "docs/pages/rules/no-such-rule.md").exists()


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"code": "NB1"}, "the code NB1 is not NB and three digits"),
        ({"code": "NB201"}, "SomeName (NB201) belongs in configuration.some_name, not in order.some_name"),
        ({"__doc__": None}, "SomeName has no docstring"),
        ({"__doc__": "Short."}, "SomeName: no section What it does, Why is this bad?, Example"),
        ({"__doc__": "## What it does ## Why is this bad? ## Example"}, None),
    ],
)
def test_a_rule_that_is_misnamed_or_not_described_is_refused(
    generate: ModuleType, attributes: dict[str, str | None], message: str | None
) -> None:
    rule = type(
        "SomeName", (), {"name": "some-name", "code": "NB101", "__module__": "nbpipe.lint.rules.order.some_name"}
    )
    for name, value in attributes.items():
        setattr(rule, name, value)

    if "__doc__" not in attributes:
        rule.__doc__ = "## What it does ## Why is this bad? ## Example"
    assert generate.rule_problem(rule) == message
