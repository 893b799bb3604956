"""Names for parameters that would replace literals."""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING

from nbpipe.settings.setting import PATH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbpipe.settings.setting import Setting

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_FIGURES = ("savefig", "imwrite", "imsave", "save_img", "save_image")
_MODELS = (
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
_OUTPUTS = ("to_", "save", "write", "dump", "makedirs", "mkdir", "tofile")


def snake_case(name: str) -> str:
    """Give ``random_forest_classifier`` for ``RandomForestClassifier``, a name that may be bound for any text."""
    words = re.sub(r"\W+", "_", _WORDS.sub("_", name)).strip("_").lower()
    if not words or words[0].isdigit():
        words = f"setting_{words}".rstrip("_")
    return f"{words}_" if keyword.iskeyword(words) else words


def suggested_name(setting: Setting) -> str:
    """Give a name from the keyword or the sink, as people name such parameters."""
    if setting.kind != PATH:
        return snake_case(setting.via or setting.keyword or setting.sink.rpartition(".")[2])
    if setting.via:
        return snake_case(setting.via)
    last = setting.sink.rpartition(".")[2]
    if last in _FIGURES:
        return "figure_path"
    if setting.sink.partition(".")[0] in _MODELS or last in _MODELS:
        return "model_path"
    if last.startswith(_OUTPUTS):
        return "output_path"
    return "data_path"


def name_all(settings: Iterable[Setting]) -> None:
    """Give each setting a name: the same one for the same value under the same keyword, else different ones.

    Where two settings ask for one name, the later is told apart by what it is passed to, then by a number.
    """
    taken: dict[str, object] = {}
    for setting in settings:
        name = suggested_name(setting)
        value = (setting.kind, setting.type, repr(setting.value))
        if taken.setdefault(name, value) != value:
            last = setting.sink.rpartition(".")[2]
            longer = f"{snake_case(last)}_{name}" if last and setting.kind != PATH else name
            name = next(
                each
                for each in (longer, *(f"{name}_{number}" for number in range(2, len(taken) + 3)))
                if taken.setdefault(each, value) == value
            )
        setting.name = name
