"""``%run``: the script or notebook that it names, inlined; a script that cannot be runs as a program of its own."""

from __future__ import annotations

import ast
import os
import shlex
import sys
import tokenize
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from nbpipe.analysis import analyze
from nbpipe.convert.plain.clashes import obstacle, renamed
from nbpipe.convert.plain.expansion import literal_text
from nbpipe.convert.plain.replacement import Replacement
from nbpipe.convert.plain.scripts import Script
from nbpipe.convert.refusal import refuse
from nbpipe.errors import NotebookError
from nbpipe.notebook.formats import parse_any
from nbpipe.notebook.ipython import to_python
from nbpipe.notebook.parsing import parsed

if TYPE_CHECKING:
    from pathlib import Path

    from nbpipe.convert.plain.replacement import Surroundings

_DEEPEST: Final = 10
_OPTIONS: Final = ("-i", "-n", "-e", "-t")
# What reads the arguments of a program without naming them.
_READERS: Final = ("argv", "argparse", "click", "docopt", "fire", "getopt", "optparse", "typer")


@dataclass(frozen=True, slots=True)
class _Run:
    """What ``%run`` is asked for.

    Attributes:
        path: the file.
        name: as it is written.
        arguments: of the script.
        options: of ``%run``.
        shown: the magic, for messages.
    """

    path: Path
    name: str
    arguments: tuple[str, ...]
    options: frozenset[str]
    shown: str


def run_line(argument: str, around: Surroundings) -> Replacement:
    """Give Python for ``%run``.

    Raises:
        ConversionError: the file cannot be told, is not there, or cannot be inlined.
    """
    run = _asked(argument, around)
    if run.path in around.running or len(around.running) >= _DEEPEST:
        raise refuse(around.cell, f"'{run.shown}' runs what runs it: {run.path.name}")
    inner = replace(around, running=(*around.running, run.path))
    return _notebook(run, inner) if run.path.suffix in (".ipynb", ".ipy") else _script(run, inner)


def _asked(argument: str, around: Surroundings) -> _Run:
    shown = f"%run {argument.strip()}".strip()
    text = literal_text(argument, around.is_bound)
    if text is None:
        raise refuse(around.cell, f"'{shown}' takes its file or arguments from values: write them out")
    try:
        words = shlex.split(text)
    except ValueError:
        words = []
    options = []
    while words and words[0].startswith("-"):
        options.append(words.pop(0))
    other = [option for option in options if option not in _OPTIONS]
    if not words or other:
        what = f"has the option {other[0]}, which" if other else "names no file, which"
        raise refuse(around.cell, f"'{shown}' {what} has no counterpart in a pipeline")
    if any(letter in word for word in words[1:] for letter in "*?["):
        raise refuse(around.cell, f"'{shown}' takes its arguments from the names of files: write them out")
    name = os.path.expanduser(words[0])  # noqa: PTH111 - kept as it is written
    for file in (name, f"{name}.py"):
        path = (around.folder / file).resolve()
        if path in around.written or path.is_file():
            return _Run(path, file, tuple(words[1:]), frozenset(options), shown)
    raise refuse(around.cell, f"'{shown}': there is no file {words[0]} in {around.folder}")


def _notebook(run: _Run, around: Surroundings) -> Replacement:
    """Inline the code cells of a notebook: IPython runs them in the namespace of the one that asks."""
    from nbpipe.convert.plain.cell import plain_text

    try:
        notebook = parse_any(run.path.read_text(encoding="utf-8-sig"), str(run.path))
    except (OSError, UnicodeDecodeError, NotebookError) as error:
        raise refuse(around.cell, f"'{run.shown}': {run.path.name} {error}") from None
    texts: list[str] = []
    imports: list[str] = []
    codes = analyze(notebook).codes
    for cell in notebook.cells:
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        inner = tuple(code.tree for at, code in codes.items() if at <= cell.index and code.tree is not None)
        plain = plain_text(cell.source, replace(around, inner=(*around.inner, *inner)))
        lines = list(plain.lines)
        first = next(at for at, line in enumerate(lines) if line.strip())
        if lines[first].startswith(("%%time", "%%capture")) and not lines[first].startswith("%%timeit"):
            lines = lines[first + 1 :]
        elif lines[first].startswith("%%"):
            raise refuse(around.cell, f"'{run.shown}': cell {cell.index + 1} there is a {lines[first].split()[0]} cell")
        texts.append("\n".join(lines).strip("\n"))
        imports += plain.imports
    text = "\n\n".join(filter(None, [f"# From {run.name}", *texts])) if texts else "pass"
    tree = parsed(to_python(text).text)
    if "__file__" in text:
        raise refuse(
            around.cell, f"'{run.shown}': {run.path.name} reads '__file__', which is another place in a pipeline"
        )
    around.inlined[run.path] = tree or ast.Module([], [])
    return Replacement(text, tuple(imports), is_block=True)


def _script(run: _Run, around: Surroundings) -> Replacement:
    """Inline a script where that keeps its meaning, else run it as a program where nothing of it is used."""
    try:
        text = around.written[run.path] if run.path in around.written else _read(run.path)
        script = Script(text, run.name, "__main__" if "-n" not in run.options else run.path.stem)
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise refuse(around.cell, f"'{run.shown}': {run.path.name} cannot be read as Python ({error})") from None
    others = [code for path, code in around.inlined.items() if path != run.path]
    trees = [*around.trees.values(), *(code for code in others if isinstance(code, ast.Module))]
    scripts = [code for code in others if isinstance(code, Script)]
    shares = "-i" in run.options
    told = script if shares else renamed(script, trees, scripts)
    why = obstacle(told, trees, scripts, shares_names=shares)
    if not why:
        known = around.inlined.get(run.path)
        around.inlined[run.path] = told
        return _inlined(run, told, again=isinstance(known, Script) and known.text == told.text)
    if shares or any(node.id in script.binds for node in around.names(elsewhere=False)):
        raise refuse(around.cell, f"'{run.shown}' cannot be inlined: {why}")
    around.notes.append(f"'{run.shown}' runs as a program of its own, so its figures are not kept: {why}")
    words = ", ".join(["sys.executable", *(ast.unparse(ast.Constant(word)) for word in (run.name, *run.arguments))])
    drawing = ', env={**os.environ, "MPLBACKEND": "Agg"}' if "matplotlib" in script.text else ""
    imports = ("os", "subprocess", "sys") if drawing else ("subprocess", "sys")
    return Replacement(f"subprocess.run([{words}], check=True{drawing})", imports)


def _read(path: Path) -> str:
    with tokenize.open(path) as file:
        return file.read()


def _inlined(run: _Run, script: Script, *, again: bool) -> Replacement:
    lines = [f"# From {run.name}"]
    imports: list[str] = []
    home = os.path.dirname(run.name)  # noqa: PTH120 - as it is written
    if home and any((run.path.parent / f"{name}.py").is_file() or (run.path.parent / name).is_dir()
                    for name in script.modules if name not in sys.stdlib_module_names):  # fmt: skip
        lines.append(f"sys.path.insert(0, {ast.unparse(ast.Constant(home))})")
        imports.append("sys")
    if run.arguments or any(reader in script.text for reader in _READERS):
        words = ", ".join(ast.unparse(ast.Constant(word)) for word in (run.name, *run.arguments))
        lines.append(f"sys.argv[:] = [{words}]")
        imports.append("sys")
    if "__file__" in script.text:
        imports.append("os")
    lines.append(script.inlined(shares_names="-i" in run.options, again=again))
    return Replacement("\n".join(lines), tuple(imports), is_block=True)
