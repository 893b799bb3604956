"""Stored outputs have the shape of nbformat 4, whatever the file."""

from __future__ import annotations

from pathlib import Path

from nbpipe.notebook import Cell, parse_notebook, read_notebook

from .reference import nbformat, written

HOSTILE = Path(__file__).parents[2] / "fixtures" / "hostile" / "notebooks"


def test_outputs_of_nbformat_3_are_upgraded() -> None:
    outputs = read_notebook(HOSTILE / "version3.ipynb").cells[1].outputs

    assert outputs == (
        {"output_type": "stream", "name": "stdout", "text": "one\ntwo\n"},
        {
            "output_type": "execute_result",
            "data": {"text/plain": "1", "text/html": "<b>1</b>"},
            "metadata": {},
            "execution_count": 4,
        },
        {"output_type": "display_data", "data": {"image/png": "aGk=\n"}, "metadata": {}},
        {"output_type": "error", "ename": "ValueError", "evalue": "bad", "traceback": ["line"]},
    )


def test_outputs_of_nbformat_4_agree_with_nbformat() -> None:
    outputs = [
        nbformat.v4.new_output("stream", text="a\nb"),
        nbformat.v4.new_output(
            "execute_result", {"text/plain": "1\n2", "application/json": ["a", "b"]}, execution_count=2
        ),
        nbformat.v4.new_output("error", ename="E", evalue="v", traceback=["t"]),
    ]

    ours = parse_notebook(written(nbformat.v4.new_code_cell(outputs=outputs)))

    assert ours.cells[0].raw_outputs[0]["text"] == ["a\n", "b"]
    assert list(ours.cells[0].outputs) == outputs


def test_raw_outputs_are_left_alone_and_the_rest_is_made_once() -> None:
    raw = [{"output_type": "stream", "text": ["a\n", "b"]}, "broken", {"output_type": 3}]
    cell = Cell(0, "code", "", raw_outputs=raw)

    assert cell.outputs is cell.outputs
    assert cell.outputs == (
        {"output_type": "stream", "name": "stdout", "text": "a\nb"},
        {"output_type": "display_data", "data": {}, "metadata": {}},
    )
    assert cell.raw_outputs is raw
