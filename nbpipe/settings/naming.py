"""Names for parameters that would replace literals."""

from __future__ import annotations

import ast
import keyword
import re
from typing import TYPE_CHECKING, Final

from nbpipe.patterns import pattern
from nbpipe.settings.bindings import Bindings, bindings_of
from nbpipe.settings.configuration import parameters_cells
from nbpipe.settings.literals import NoLiteral, value_of
from nbpipe.settings.setting import CONSTANT, ENDPOINT, PATH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nbpipe.analysis import Analysis
    from nbpipe.settings.setting import Setting

    Value = tuple[str, str]

_WORDS: Final = pattern(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_FIGURES: Final = ("savefig", "imwrite", "imsave", "save_img", "save_image")
_MODELS: Final = (
    "joblib",
    "torch",
    "pickle",
    "skops",
    "onnx",
    "load_model",
    "load_weights",
    "save_weights",
    "ModelCheckpoint",
)
_OUTPUTS: Final = ("to_", "save", "write", "dump", "makedirs", "mkdir", "tofile")
_FOLDERS: Final = {"chdir": "work", "%cd": "work", "%pushd": "work", "listdir": "data", "scandir": "data"}
_BY_SHAPE: Final = (
    (pattern(r"https?:|wss?:"), "service_url"),
    (pattern(r"(?:abfss?|adl|az|gs|hdfs|oss|s3[an]?|wasbs?):"), "bucket_uri"),
    (pattern(r"[a-z][a-z0-9+]*:"), "connection_url"),
)


def snake_case(name: str) -> str:
    """Give ``random_forest_classifier`` for ``RandomForestClassifier``, a name that may be bound for any text."""
    words = re.sub(r"\W+", "_", _WORDS.sub("_", name)).strip("_").lower()
    if not words or words[0].isdigit():
        words = f"setting_{words}".rstrip("_")
    return f"{words}_" if keyword.iskeyword(words) else words


def suggested_name(setting: Setting) -> str:
    """Give a name from the keyword or the sink, as people name such parameters."""
    if setting.kind == PATH:
        return _path_name(setting)
    if setting.kind == ENDPOINT and not setting.keyword:
        return next((name for shape, name in _BY_SHAPE if shape.match(str(setting.value))), "host")
    return snake_case(setting.keyword or setting.sink.rpartition(".")[2])


def _path_name(setting: Setting) -> str:
    last = setting.sink.rpartition(".")[2]
    if last in _FOLDERS:
        return f"{_FOLDERS[last]}_dir"
    kind = "dir" if setting.value.endswith(("/", "\\")) else "path"
    if last in _FIGURES:
        return f"figure_{kind}"
    if setting.sink.partition(".")[0] in _MODELS or last in _MODELS:
        return f"model_{kind}"
    return f"output_{kind}" if last.startswith(_OUTPUTS) else f"data_{kind}"


def value_key(setting: Setting) -> Value:
    """Give what two settings have in common whose literals are the same."""
    return setting.type, repr(setting.value)


def name_all(settings: Sequence[Setting], analysis: Analysis) -> None:
    """Give each setting a name: the same one for the same value under the same keyword, else different ones.

    A literal that a statement gives to a name keeps that name where the statement can move. All others get names that
    the notebook uses for nothing else, or that of a parameter which has this value already. Where two settings ask
    for one name, the later is told apart by what it is passed to, then by a number.
    """
    if not settings:
        return
    bindings = bindings_of(analysis)
    existing = parameters_of_cells(analysis, bindings)
    taken: dict[str, Value] = {name: value for name, value in existing.items() if name not in bindings.local}
    reserved = frozenset(existing).intersection(bindings.local)
    held = {id(each): bindings.assignment(each.node) for each in settings}
    for setting in settings:
        assignment = held[id(setting)]
        if assignment is not None:
            setting.name = assignment.name
            if assignment.name not in bindings.local:
                taken.setdefault(assignment.name, value_key(setting))
    for setting in settings:
        if held[id(setting)] is None:
            value = value_key(setting)
            setting.name = next(
                name
                for name in _names(setting, value, existing if setting.kind in (PATH, ENDPOINT) else {}, taken)
                if name not in reserved and (taken.get(name) == value or (name not in taken and bindings.is_free(name)))
            )
            taken[setting.name] = value


def _names(setting: Setting, value: Value, existing: Mapping[str, Value], taken: Mapping[str, Value]) -> Iterator[str]:
    """Yield the names that a setting may get, the best first."""
    yield from (name for name, held in existing.items() if held == value and taken.get(name) == value)
    name = snake_case(setting.via) if setting.kind == CONSTANT else suggested_name(setting)
    if setting.kind == PATH and setting.sink in ("", "!", "!!"):
        name = _from_file(setting.value, name)  # all that is known of what it is for
    yield name
    last = setting.sink.rpartition(".")[2]
    if setting.kind == PATH:
        name = _from_file(setting.value, name)
        yield name
    elif last:
        yield f"{snake_case(last)}_{name}"
    number = 2
    while True:
        yield f"{name}_{number}"
        number += 1


def _from_file(text: str, name: str) -> str:
    """Give ``train_path`` for ``/home/ann/train.csv``, the name given where the file's gives none."""
    parts = [part for part in re.split(r"[\\/]+", text) if part]
    stem = parts[-1].partition(".")[0] if parts else ""
    if not re.fullmatch(r"[A-Za-z][\w -]{1,24}", stem):
        return name
    return f"{snake_case(stem)}_{name.rpartition('_')[2]}"


def parameters_of_cells(analysis: Analysis, bindings: Bindings) -> dict[str, Value]:
    """Give the parameters that the notebook's parameters cell gives a literal, and nothing gives another value."""
    found: dict[str, Value] = {}
    for home in parameters_cells(analysis.notebook)[:1]:
        code = analysis.codes.get(home)
        for statement in code.body if code is not None else ():
            if isinstance(statement, ast.Assign | ast.AnnAssign):
                name, value = _literal_parameter(statement)
                if name and bindings.is_single(name, home):
                    found[name] = value
    return found


def _literal_parameter(statement: ast.Assign | ast.AnnAssign) -> tuple[str, Value]:
    targets: Iterable[ast.expr] = statement.targets if isinstance(statement, ast.Assign) else (statement.target,)
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    try:
        value = value_of(statement.value) if statement.value is not None else None
    except NoLiteral:
        value = None
    return (names[0] if len(names) == 1 and value is not None else "", (type(value).__name__, repr(value)))
