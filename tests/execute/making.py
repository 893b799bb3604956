"""Notebook files for tests that run them, and a look at which processes are left."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe.execute import Listener

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbpipe.execute import CellStart, RunPlan
    from nbpipe.records import CellResult, RunRecord

SAVE_PID = "import os\nopen('pid', 'w').write(str(os.getpid()))"


def code(source: str, *tags: str, outputs: Sequence[Any] = (), count: int | None = None) -> dict[str, Any]:
    """Give a code cell."""
    return {
        "cell_type": "code",
        "metadata": {"tags": list(tags)} if tags else {},
        "source": source,
        "outputs": list(outputs),
        "execution_count": count,
    }


def text(source: str) -> dict[str, Any]:
    """Give a markdown cell."""
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    """Give a stored piece of a stream."""
    return {"output_type": "stream", "name": name, "text": text}


def write_notebook(path: Path, *cells: str | dict[str, Any], kernel: str | None = "python3", **metadata: Any) -> Path:
    """Write a notebook of code cells (given as text) and ready cells."""
    whole = [code(cell) if isinstance(cell, str) else cell for cell in cells]
    for index, cell in enumerate(whole):
        cell["id"] = f"cell-{index}"
    if kernel is not None:
        metadata["kernelspec"] = {"name": kernel, "display_name": kernel, "language": "python"}
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": whole}))
    return path


def outputs(path: Path) -> list[list[dict[str, Any]]]:
    """Give the outputs of the code cells of a notebook file."""
    cells = json.loads(path.read_text())["cells"]
    return [cell["outputs"] for cell in cells if cell["cell_type"] == "code"]


def shown(path: Path) -> list[str]:
    """Give what each code cell of a notebook file printed."""
    return ["".join("".join(item.get("text", "")) for item in cell) for cell in outputs(path)]


def kernels_left() -> list[str]:
    """Give the command lines of kernels that this process started and that still live."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
            command = (process / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
        if int(parent) == os.getpid() and "ipykernel_launcher" in command:
            found.append(command)
    return found


class Heard(Listener):
    """Writes down what it hears."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.warnings: list[str] = []
        self.notes: list[str] = []

    def run_started(self, plan: RunPlan) -> None:
        self.events.append(f"run {plan.source.name} {plan.count}")

    def cell_started(self, cell: CellStart) -> None:
        self.events.append(f"start {cell.index} {cell.title}")

    def cell_finished(self, result: CellResult) -> None:
        self.events.append(f"end {result.index} {result.status.value}")

    def run_finished(self, record: RunRecord, output: Path, record_path: Path) -> None:
        self.events.append(f"{record.status.value} {output.name} {record_path.name}")

    def run_aborted(self, reason: str) -> None:
        self.events.append(f"aborted {reason}")

    def noted(self, message: str) -> None:
        self.notes.append(message)

    def warned(self, message: str) -> None:
        self.warnings.append(message)
