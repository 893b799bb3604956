"""Text notebooks: read as their formats say, with the lines of the file, and changed in place."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbpipe.errors import MissingExtraError, NotebookError
from nbpipe.notebook.formats import parse_any
from nbpipe.notebook.rereading import reread
from nbpipe.notebook.text.reading import shows_notebook
from nbpipe.notebook.write import DeleteCell, InsertCell, MoveCell, SetField, apply_changes

from .reference import nbformat

if TYPE_CHECKING:
    from nbpipe.notebook.write import Change

jupytext: Any = import_module("jupytext")

PERCENT = '''\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     name: python3
# ---

# %% [markdown]
# # Title
#
# Text.

# %% tags=["parameters"]
rate = 1

# %% [markdown]
"""
Quoted.
"""

# %%
# %matplotlib inline
# !pip install x
# a comment
print(rate)
'''
LIGHT = """\
# # Title
#
# Text.

import os

# + tags=["parameters"]
rate = 1

x = 2
# -

# %matplotlib inline
print(rate)
"""
MARKDOWN = """\
---
jupyter:
  jupytext:
    text_representation:
      extension: .md
      format_name: markdown
---

# Title

```python tags=["parameters"]
rate = 1
```

Text.

```bash
ls
```

```python
%matplotlib inline
print(rate)
```
"""
R_MARKDOWN = """\
# Title

```{python tags=c("parameters")}
rate = 1
```

Text.

```{python}
print(rate)
```
"""
QUARTO = """\
---
title: A page
jupyter: python3
---

# Title

```python
not_run = 1
```

```{python}
#| tags: [parameters]
rate = 1
```

```{r}
x <- 1
```

```{python}
print(rate)
```
"""
DATABRICKS = """\
# Databricks notebook source
# MAGIC %md
# MAGIC # Title
# MAGIC
# MAGIC Text.

# COMMAND ----------

# MAGIC %md One line.

# COMMAND ----------

dbutils.widgets.text("rate", "1")

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT 1

# COMMAND ----------

# MAGIC %run ./setup

# COMMAND ----------

# DBTITLE 1,Show it
print(rate)
"""
FILES = {
    "percent.py": PERCENT,
    "light.py": LIGHT,
    "a.md": MARKDOWN,
    "a.Rmd": R_MARKDOWN,
    "a.qmd": QUARTO,
    "databricks.py": DATABRICKS,
}


def cells(name: str, text: str | None = None) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in parse_any(FILES[name] if text is None else text, name).cells]


def changed(name: str, *changes: Change) -> str:
    """Change a notebook, and see that it reads as it should afterwards."""
    notebook = parse_any(FILES[name], name)
    text = apply_changes(notebook, changes)
    reread(notebook, changes, text)
    return text


def last(name: str) -> int:
    return len(parse_any(FILES[name], name).cells) - 1


def test_cells_are_those_of_the_formats() -> None:
    assert cells("percent.py") == [
        ("markdown", "# Title\n\nText."),
        ("code", "rate = 1"),
        ("markdown", "Quoted."),
        ("code", "%matplotlib inline\n!pip install x\n# a comment\nprint(rate)"),
    ]
    assert cells("light.py") == [
        ("markdown", "# Title\n\nText."),
        ("code", "import os"),
        ("code", "rate = 1\n\nx = 2"),
        ("code", "%matplotlib inline\nprint(rate)"),
    ]
    assert cells("a.md") == [
        ("markdown", "# Title"),
        ("code", "rate = 1"),
        ("markdown", "Text."),
        ("code", "%%bash\nls"),
        ("code", "%matplotlib inline\nprint(rate)"),
    ]
    assert cells("a.Rmd")[1:] == [("code", "rate = 1"), ("markdown", "Text."), ("code", "print(rate)")]
    assert cells("a.qmd") == [
        ("markdown", "# Title\n\n```python\nnot_run = 1\n```"),
        ("code", "rate = 1"),
        ("code", "%%r\nx <- 1"),
        ("code", "print(rate)"),
    ]
    assert cells("databricks.py") == [
        ("markdown", "# Title\n\nText."),
        ("markdown", "One line."),
        ("code", 'dbutils.widgets.text("rate", "1")'),
        ("code", "%%sql\nSELECT 1"),
        ("code", "%run ./setup"),
        ("code", "# DBTITLE 1,Show it\nprint(rate)"),
    ]


@pytest.mark.parametrize("name", FILES)
def test_lines_are_those_of_the_file(name: str) -> None:
    notebook = parse_any(FILES[name], name)
    lines = FILES[name].splitlines()

    for cell in notebook.cells:
        for number, text in enumerate(cell.source.split("\n")):
            line = notebook.json_line(cell.index, number)
            assert line is not None
            if not text.startswith("%%"):
                assert lines[line - 1].endswith(text)
    assert notebook.json_line(99) is None


@pytest.mark.parametrize("name", ["percent.py", "light.py", "a.md", "a.Rmd", "a.qmd"])
def test_tags_are_read(name: str) -> None:
    assert [cell.tags for cell in parse_any(FILES[name], name).cells].count(("parameters",)) == 1


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_an_edit_changes_its_line_only(name: str, newline: str, mark: str) -> None:
    text = mark + FILES[name].replace("\n", newline)
    notebook = parse_any(text, name)
    cell = notebook.cells[-1]
    changes = [SetField(cell.index, "source", cell.source.replace("print(rate)", "print(2)"))]

    after = apply_changes(notebook, changes)

    assert after == text.replace("print(rate)", "print(2)")
    reread(notebook, changes, after)


@pytest.mark.parametrize("name", FILES)
def test_lines_can_be_added_and_taken_away(name: str) -> None:
    notebook = parse_any(FILES[name], name)
    source = notebook.cells[-1].source
    above, below = source.replace("print", "x = 1\nprint"), source + "\nx = 1"

    assert changed(name, SetField(last(name), "source", above)) == FILES[name].replace("print", "x = 1\nprint")
    assert changed(name, SetField(last(name), "source", below)) == FILES[name].replace("rate)", "rate)\nx = 1")


def test_magics_stay_comments_where_they_are() -> None:
    source = "%pylab inline\n%pip install x\n# a comment\nprint(rate)"

    assert changed("percent.py", SetField(3, "source", source)) == PERCENT.replace("matplotlib", "pylab").replace(
        "!pip", "%pip"
    )


def test_markdown_in_comments_is_edited_as_such() -> None:
    assert changed("percent.py", SetField(0, "source", "# Title\n\nText.\n\nMore.")) == PERCENT.replace(
        "# Text.\n", "# Text.\n#\n# More.\n"
    )
    assert "# MAGIC ## Title\n" in changed("databricks.py", SetField(0, "source", "## Title\n\nText."))


@pytest.mark.parametrize("name", FILES)
def test_a_file_without_a_line_end_stays_so(name: str) -> None:
    if name in {"a.md", "a.Rmd", "a.qmd"}:
        return  # the fence below ends them
    notebook = parse_any(FILES[name].removesuffix("\n"), name)
    cell = notebook.cells[-1]

    for source in (cell.source + "\nx", cell.source.replace("print(rate)", "x")):
        after = apply_changes(notebook, [SetField(cell.index, "source", source)])
        assert after.endswith("\nx")


NEW = {
    "percent.py": '# %% tags=["parameters"]\nx = 1\n\n',
    "light.py": '# + tags=["parameters"]\nx = 1\n# -\n\n',
    "a.md": '```python tags=["parameters"]\nx = 1\n```\n\n',
    "a.Rmd": '```{python tags=c("parameters")}\nx = 1\n```\n\n',
    "a.qmd": "```{python}\n#| tags: [parameters]\nx = 1\n```\n\n",
}


@pytest.mark.parametrize("name", NEW)
def test_a_new_cell_is_written_as_the_format_does(name: str) -> None:
    after = changed(name, InsertCell(0, "code", "x = 1", {"tags": ["parameters"]}))

    assert after.replace(NEW[name], "", 1) == FILES[name]


def test_a_databricks_cell_has_no_tags() -> None:
    after = changed("databricks.py", InsertCell(0, "code", "x = 1"))
    assert after.replace("# COMMAND ----------\n\nx = 1\n\n", "", 1) == DATABRICKS
    assert "# MAGIC %md\n# MAGIC # New\n" in changed("databricks.py", InsertCell(-1, "markdown", "# New"))
    with pytest.raises(NotebookError, match="cannot hold a new cell's metadata"):
        changed("databricks.py", InsertCell(0, "code", "x = 1", {"tags": ["parameters"]}))


@pytest.mark.parametrize("name", FILES)
def test_cells_can_be_moved_and_deleted(name: str) -> None:
    moved = changed(name, MoveCell(last(name), 0))
    assert [source for _, source in cells(name, moved)][1].endswith("print(rate)")
    there = changed(name, MoveCell(1, last(name)))
    assert sorted(there.split()) == sorted(FILES[name].split())
    assert len(cells(name, changed(name, DeleteCell(1)))) == last(name)


def test_what_text_cannot_hold_is_refused() -> None:
    for change in (SetField(1, "metadata", {"a": 1}), SetField(None, "metadata", {}), SetField(1, "outputs", [1])):
        with pytest.raises(NotebookError, match="is text: it has no place for another"):
            changed("percent.py", change)
    assert changed("percent.py", SetField(1, "outputs", []), SetField(1, "execution_count", None)) == PERCENT


def test_a_change_that_would_read_otherwise_is_noticed() -> None:
    with pytest.raises(NotebookError, match="would have 5 cells, not 4"):
        changed("percent.py", SetField(1, "source", "rate = 1\n# %%\nx"))


def test_files_that_say_they_are_notebooks() -> None:
    assert all(shows_notebook(text, name) for name, text in FILES.items() if name != "light.py")
    for name, text in {
        "a.py": "import os\n\n# 100 %% of it\n",
        "b.py": 'print("# %%")',
        "readme.md": "# Title\n\n---\njupyter: x\n---\n```python\nx = 1\n```\n",
        "a.Rmd": "# Only text\n",
    }.items():
        assert not shows_notebook(text, name)
    assert shows_notebook("# In[1]:\nx\n", "a.py")
    assert shows_notebook("---\nkernelspec:\n  name: python3\n---\n", "a.md")


def test_what_nbconvert_writes_is_read_and_can_get_a_first_cell() -> None:
    text = "#!/usr/bin/env python\n# coding: utf-8\n\n# In[1]:\n\n\nx = 1\n\n\n# In[2]:\n\n\nx\n"
    notebook = parse_any(text, "a.py")
    changes = [InsertCell(-1, "code", "y = 1")]

    assert [cell.source.strip() for cell in notebook.cells] == ["x = 1", "x"]
    assert reread(notebook, changes, apply_changes(notebook, changes)).cells[0].source == "y = 1"


def test_quarto_blocks_that_are_not_run_are_no_code() -> None:
    text = "```{python}\n#| eval: false\nx\n```\n\n```{python}\n# | tags:\n# |   - a\n# |   - b\ny\n```\n"

    assert cells("a.qmd", text) == [("raw", "x"), ("code", "y")]
    assert parse_any(text, "a.qmd").cells[1].tags == ("a", "b")


def test_other_languages_are_not_python() -> None:
    assert parse_any("```{r}\nx <- 1\n```\n", "a.qmd").language == "r"
    assert parse_any("```{r}\nx <- 1\n```\n", "a.Rmd").language == "r"
    assert parse_any(QUARTO, "a.qmd").is_python


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.py", b"\xff", "is not UTF-8 text"),
        ("a.md", b"---\njupyter: [\n---\n", "cannot be read as a notebook by jupytext"),
        ("a.py", b"import marimo\napp = marimo.App()\n@app.cell\ndef f(): ...\n", "is in jupytext's format 'marimo'"),
    ],
)
def test_what_cannot_be_read_is_one_clear_error(name: str, data: bytes, message: str) -> None:
    with pytest.raises(NotebookError, match=message):
        parse_any(data, name)


def test_without_jupytext_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jupytext", None)

    with pytest.raises(MissingExtraError, match=r"nbpipe\[text\]"):
        parse_any(PERCENT, "a.py")
    assert len(parse_any(DATABRICKS, "a.py").cells) == 6
    assert len(parse_any(QUARTO, "a.qmd").cells) == 4


SOURCE = st.lists(
    st.sampled_from(["x = 1", "", "def f():", "    return 2", "# note", "%time x", "!ls", "s = '''a", "b'''", "é"]),
    min_size=1,
    max_size=4,
).map("\n".join)
CELLS = st.lists(st.tuples(st.sampled_from(["code", "markdown"]), SOURCE), min_size=1, max_size=5)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CELLS, st.sampled_from(["py:percent", "py:light", "md", "Rmd"]), st.data())
def test_whatever_jupytext_writes_is_read_alike_and_changed_without_harm(
    made: list[tuple[str, str]], fmt: str, data: st.DataObject
) -> None:
    new = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = jupytext.writes(nbformat.v4.new_notebook(cells=[new[kind](source) for kind, source in made]), fmt)
    name = f"a.{fmt.partition(':')[0]}"
    notebook = parse_any(text, name)
    again = jupytext.reads(text, {"extension": f".{fmt.partition(':')[0]}"}).cells
    expected = [(cell.cell_type, cell.source) for cell in again]
    if len(expected) == len(notebook.cells) + 1 and not expected[0][1].strip():
        del expected[0]  # blank lines below the header, which nbpipe takes for no cell
    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == expected
    count = len(notebook.cells)
    if not count:
        return
    index = data.draw(st.integers(0, count - 1))
    source = notebook.cells[index].source
    lines = source.split("\n")
    line = data.draw(st.integers(0, len(lines) - 1))
    possible: list[Change] = [
        SetField(index, "source", "\n".join([*lines[:line], lines[line] + " y", *lines[line + 1 :]])),
        SetField(index, "source", "\n".join([*lines[:line], "y = 1", *lines[line:]])),
        DeleteCell(index),
        MoveCell(index, data.draw(st.integers(-1, count - 1))),
        InsertCell(index, "code", "y = 1"),
    ]
    change = data.draw(st.sampled_from(possible))
    try:
        after = apply_changes(notebook, [change])
        reread(notebook, [change], after)
    except NotebookError:
        return  # refused is fine, and never written
    if isinstance(change, SetField):
        before_lines, after_lines = text.splitlines(), after.splitlines()
        assert len([text for text in before_lines if text not in after_lines]) <= 1
