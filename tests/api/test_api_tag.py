"""`nbpipe tag`: suggested tags shown, written, and used by convert."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nbpipe.api.convert import convert
from nbpipe.api.prove import prove
from nbpipe.api.tag import tag
from nbpipe.cli import main
from nbpipe.errors import ConversionError, NotebookError
from nbpipe.notebook import read_notebook

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "pipelines"


def untagged(case: str, folder: Path) -> Path:
    """Copy a fixture's notebook without the tags of its cells."""
    content = json.loads((FIXTURES / case / "notebook.ipynb").read_text(encoding="utf-8"))
    for cell in content["cells"]:
        cell["metadata"] = {"tags": ["mine"]} if cell["cell_type"] == "code" else {}
    path = folder / f"{case}.ipynb"
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    return path


def test_nothing_is_written_unless_asked_for(tmp_path: Path) -> None:
    path = untagged("wine_classifier", tmp_path)
    before = path.read_bytes()
    result = tag(path)

    assert path.read_bytes() == before
    assert not result.is_written
    assert result.steps == ("load_measurements", "split", "train", "evaluate")
    assert result.cells[-1].after == ("mine", "step:evaluate", "metrics")


def test_written_tags_change_no_other_byte(tmp_path: Path) -> None:
    path = untagged("wine_classifier", tmp_path)
    before = json.loads(path.read_text(encoding="utf-8"))
    result = tag(path, write=True)
    after = json.loads(path.read_text(encoding="utf-8"))

    for cell in result.cells:
        assert after["cells"][cell.cell]["metadata"]["tags"] == list(cell.after)
        before["cells"][cell.cell]["metadata"]["tags"] = list(cell.after)
    assert after == before
    assert [cell.tags for cell in read_notebook(path).cells if "step:split" in cell.tags] == [("mine", "step:split")]


def test_a_tagged_notebook_is_left_alone_unless_replaced(tmp_path: Path) -> None:
    path = untagged("wine_classifier", tmp_path)
    tag(path, write=True)
    tagged = path.read_bytes()

    with pytest.raises(ConversionError, match="tagged as steps already; to suggest anew, add --replace"):
        tag(path)
    assert tag(path, replace=True).changed == ()
    assert path.read_bytes() == tagged


def test_a_notebook_kept_as_text_is_tagged_in_its_own_format(tmp_path: Path) -> None:
    path = tmp_path / "n.py"
    path.write_text("# %%\nimport json\n\n# %%\nrows = [n for n in range(3)]\n\n# %%\nrows.append(1)\n")
    tag(path, write=True)

    text = path.read_text()
    assert text.startswith('# %% tags=["imports"]\nimport json\n')
    assert '# %% tags=["step:compute"]\nrows = [n for n in range(3)]\n' in text

    path.with_suffix(".md").write_text('# Title\n\n```python tags=["mine"]\nrows = list(range(3))\n```\n')
    tag(path.with_suffix(".md"), write=True)
    assert '```python tags=["mine", "step:compute"]\nrows' in path.with_suffix(".md").read_text()

    light = tmp_path / "light.py"
    light.write_text("# +\nrows = list(range(3))\n# -\n")
    with pytest.raises(NotebookError, match="cannot write tags"):
        tag(light, write=True)


def test_what_cannot_be_tagged_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "n.ipynb"
    path.write_text('{"cells": [], "metadata": {"language_info": {"name": "R"}}, "nbformat": 4, "nbformat_minor": 4}')
    with pytest.raises(NotebookError, match="only the code of Python notebooks"):
        tag(path)
    path.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}')
    assert main(["tag", str(path)]) == 1
    assert capsys.readouterr().err == (
        f"error: {path}: there is nothing to make a step of: no cell computes anything that is kept\n"
    )


def test_the_command_shows_reasons_and_differences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(untagged("wine_classifier", tmp_path))
    assert main(["tag", path]) == 0
    out = capsys.readouterr().out
    assert "cell 7   mine, step:split              X = df.drop(columns" in out
    assert "splits rows (train_test_split); heading 'Split'; takes df" in out
    assert out.splitlines()[-1] == (
        f"4 steps: load_measurements, split, train, evaluate; to apply: nbpipe tag {path} --write"
    )

    assert main(["tag", path, "--diff"]) == 0
    assert "-tags: mine\n+tags: mine, step:split\n" in capsys.readouterr().out


def test_convert_takes_suggested_steps_and_the_proof_the_same(tmp_path: Path) -> None:
    path = untagged("word_counts", tmp_path)
    with pytest.raises(ConversionError, match="let `nbpipe tag` suggest it"):
        convert(path)

    result = convert(path, split="stages", verify=False)
    assert [step.name for step in result.steps] == ["compute"]
    assert prove(path, result.folder).is_good
