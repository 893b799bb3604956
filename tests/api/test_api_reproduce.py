from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.api.reproduce import reproduce
from nbpipe.api.run_pipeline import run_pipeline
from nbpipe.cli import main
from nbpipe.errors import ConfigError, PipelineError
from tests.pipeline.projects import written

if TYPE_CHECKING:
    from pathlib import Path

STEPS = """
    Step("draw", "shop.steps:draw", outputs=("drawn",), parameters=("count",), generators=("random",)),
    Step("sum", "shop.steps:add", inputs=("drawn",), outputs=("parts",), metrics=("total",), generators=()),
"""
CODE = """
import random
FACTOR = 2

def draw(*, count: int):
    with open("weight.txt") as file:
        weight = float(file.read())
    return [weight * random.random() for _ in range(count)]

def add(drawn):
    with open("total.txt", "w") as file:
        file.write(str(sum(drawn)))
    return [FACTOR * number for number in drawn], FACTOR * sum(drawn)
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a project that draws from a generator which nothing seeds."""
    root = written(tmp_path, STEPS, CODE, "count: 3\n")
    (root / "weight.txt").write_text("1.5")
    (root / "pyproject.toml").touch()
    monkeypatch.chdir(root)
    monkeypatch.delenv("NBPIPE_STORE", raising=False)
    return root


def again(shop: Path, run: str, **options: Any) -> Any:
    return reproduce(run, shop, tracking=False, **options)


def test_a_run_is_done_again_and_gives_the_same_though_nothing_is_seeded(shop: Path) -> None:
    record = run_pipeline(shop, parameters={"count": 4}, tracking=False)
    done = again(shop, record.id)
    assert done.is_equal
    assert {(each.kind, each.name) for each in done.compared} == {
        ("output", "drawn"),
        ("output", "parts"),
        ("metric", "total"),
        ("file", str(shop / "total.txt")),
    }
    assert done.after.parameters == {"count": 4}
    assert done.after.tags == {"nbpipe.reproduces": record.id}
    assert {step.status.value for step in done.after.steps} == {"ok"}
    other = run_pipeline(shop, parameters={"count": 4}, tracking=False)
    assert other.steps[0].outputs != record.steps[0].outputs
    # A run that did another again can be done again, too.
    assert again(shop, done.after.id).is_equal


def test_the_code_is_that_of_the_run_and_files_are_put_back(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = run_pipeline(shop, tracking=False)
    steps = shop / "shop" / "steps.py"
    steps.write_text(steps.read_text().replace("FACTOR = 2", "FACTOR = 3"))
    (shop / "total.txt").write_text("of today")
    capsys.readouterr()
    assert main(["run", "--reproduce", record.id, "--no-tracking", "-q"]) == 0
    assert f"equal: 2 outputs, 1 metric, 1 file, as in run {record.id}" in capsys.readouterr().out
    assert (shop / "total.txt").read_text() == "of today"
    assert "FACTOR = 3" in steps.read_text()
    assert again(shop, record.id).changed_code == ("shop/steps.py",)


def test_what_differs_is_told_with_what_it_may_come_from(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = run_pipeline(shop, tracking=False)
    (shop / "weight.txt").write_text("1.6")
    capsys.readouterr()
    assert main(["run", str(shop), "--reproduce", "latest", "--no-tracking"]) == 1
    out = capsys.readouterr()
    assert "draw: output drawn: different" in out.out
    assert "sum: metric total: different" in out.out
    assert f"files read {shop / 'weight.txt'}" in out.out
    assert f"4 of 4 differ from run {record.id}" in out.err


def test_without_the_code_of_then_that_of_today_is_run_and_named(shop: Path) -> None:
    record = run_pipeline(shop, tracking=False)
    for kept in (shop / ".nbpipe" / "runs" / "code").iterdir():
        kept.unlink()
    steps = shop / "shop" / "steps.py"
    steps.write_text(steps.read_text().replace("FACTOR = 2", "FACTOR = 3"))
    done = again(shop, record.id)
    assert not done.is_as_it_was
    assert [each.name for each in done.compared if not each.is_equal] == ["parts", "total"]
    assert {each.name for each in done.differences} == {"shop/steps.py", "step sum"}


def test_code_that_was_damaged_is_refused(shop: Path) -> None:
    record = run_pipeline(shop, tracking=False)
    (kept,) = (shop / ".nbpipe" / "runs" / "code").glob("*.zip")
    kept.write_bytes(kept.read_bytes()[:-30])
    with pytest.raises(PipelineError, match="the code of the run cannot be read"):
        again(shop, record.id)


def test_bad_calls_are_one_line(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_pipeline(shop, tracking=False)
    with pytest.raises(PipelineError, match="no run 'nope'"):
        again(shop, "nope")
    with pytest.raises(ConfigError, match="no run 'nope'"):
        reproduce("nope", tracking=False)
    assert main(["run", "--reproduce", "latest", "-p", "count=3"]) == 2
    assert "--parameter does not go with --reproduce" in capsys.readouterr().err
    assert main(["run"]) == 2
    assert "name the notebook, or the folder" in capsys.readouterr().err


def test_a_run_is_done_again_with_its_seed_of_hashes(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = shop / "shop" / "steps.py"
    ordered = "\n    weight = float(''.join(str(ord(each)) for each in list({*'abcdefghijklmnop'})[:3]))"
    steps.write_text(steps.read_text().replace("weight = float(file.read())", "pass" + ordered))
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    record = run_pipeline(shop, tracking=False)
    assert record.provenance["variables"]["PYTHONHASHSEED"] == "7"
    monkeypatch.delenv("PYTHONHASHSEED")
    done = again(shop, record.id)
    assert done.is_equal
    assert done.after.provenance["variables"]["PYTHONHASHSEED"] == "7"
    first, second = run_pipeline(shop, tracking=False), run_pipeline(shop, tracking=False)
    assert first.provenance["variables"]["PYTHONHASHSEED"] == "0"
    assert "the seed of hashes (PYTHONHASHSEED) changed from 7 to 0" in first.steps[0].reason
    assert second.steps[1].outputs != record.steps[1].outputs
