"""Runs and verdicts made by hand, for tests that need no kernel."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from nbpipe.notebook import parse_notebook
from nbpipe.records import CellResult, RunRecord, RunStatus
from nbpipe.verify.fresh import Fresh
from tests.execute.making import code, stream

if TYPE_CHECKING:
    from pathlib import Path

    from nbpipe.notebook import Notebook

STARTED = datetime(2026, 11, 23, 5, 40, 12, tzinfo=UTC)


def document(*cells: str | dict[str, Any], **metadata: Any) -> bytes:
    """Give the bytes of a notebook of code cells (given as text) and ready cells."""
    whole = [code(cell) if isinstance(cell, str) else cell for cell in cells]
    ready = [{**cell, "id": f"cell-{index}"} for index, cell in enumerate(whole)]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": ready}, indent=1).encode()


def notebook(*cells: str | dict[str, Any], path: str = "a.ipynb", **metadata: Any) -> Notebook:
    """Give such a notebook, read."""
    return parse_notebook(document(*cells, **metadata), path)


def printing(source: str, text: str = "", count: int | None = None) -> dict[str, Any]:
    """Give a code cell that printed something."""
    return code(source, outputs=[stream(text)] if text else [], count=count)


def run(*cells: str | dict[str, Any], path: Path | str = "a.ipynb", **fields: Any) -> Fresh:
    """Give a run that came to its end and left these cells."""
    ran = notebook(*cells, path=str(path), **fields.pop("metadata", {}))
    results = [CellResult(cell.index, RunStatus.OK, 0.5) for cell in ran.cells if cell.cell_type == "code"]
    record = RunRecord("1", "notebook", str(path), RunStatus.OK, STARTED.isoformat(), 1.0, cells=tuple(results))
    ended = STARTED + timedelta(seconds=20)
    return Fresh(ran, record, STARTED, ended, fields.pop("sha256", ""), **fields)
