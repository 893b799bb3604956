"""What is known of arguments, from signatures: settings, places of files, seeds; one function for each kind of library.

The tables are described in `nbpipe/analysis/arguments.py`.
"""

from __future__ import annotations

import inspect
import json
from importlib import import_module
from importlib.metadata import version
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

from library.inventory import Inventory
from library.judged import (
    FUNCTION_SETTINGS,
    LEGACY,
    NO_SETTINGS,
    NOT_RANDOM,
    PLACES,
    RANDOM,
    RANDOM_WHEN,
    SEEDS,
    TUNED_TEXT,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

SKIPPED = frozenset(["conftest", "experimental", "externals", "tests"])
PANDAS_PATHS = ("FilePath", "PathLike")
NUMPY_PATHS = frozenset(["file", "fname", "filename"])
BOOSTING = {
    "xgboost": ("XGBClassifier XGBRegressor XGBRanker XGBRFClassifier XGBRFRegressor train cv", "params"),
    "lightgbm": ("LGBMClassifier LGBMRegressor LGBMRanker LGBMModel train cv", "params"),
    "catboost": ("CatBoostClassifier CatBoostRegressor CatBoostRanker CatBoost train cv", "params"),
}
ROUNDS = frozenset(["early_stopping_rounds", "iterations", "nfold", "num_boost_round"])
# What xgboost and catboost take by ``**kwargs`` or in `params`, under names of their own.
BOOSTING_EXTRA = {"xgboost": "eta", "lightgbm": "bagging_fraction feature_fraction min_data_in_leaf", "catboost": ""}


def parameters(function: Any) -> list[inspect.Parameter]:
    """Give a callable's parameters without ``self``, none where the signature cannot be read."""
    try:
        found = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []
    return [parameter for parameter in found if parameter.name not in ("self", "cls")]


def positional(function: Any) -> str:
    """Give the names that may be passed by position, in order; a star stands for those nobody asks about."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return " ".join(parameter.name for parameter in parameters(function) if parameter.kind in kinds)


def public_modules(package: str) -> Iterator[ModuleType]:
    """Yield a package and its public modules, at every depth."""
    root = import_module(package)
    yield root
    for module in iter_modules(getattr(root, "__path__", ())):
        if not module.name.startswith("_") and module.name not in SKIPPED:
            yield from public_modules(f"{package}.{module.name}")


def public_callables(package: str) -> Iterator[tuple[str, Any]]:
    """Yield the public functions and classes of a package's public modules, by name."""
    if package == "sklearn":
        import_module("sklearn.experimental.enable_halving_search_cv")
        import_module("sklearn.experimental.enable_iterative_imputer")
    found: dict[str, Any] = {}
    for module in public_modules(package):
        for public in getattr(module, "__all__", None) or [name for name in dir(module) if name[:1].isupper()]:
            value = getattr(module, public, None)
            if callable(value) and getattr(value, "__module__", "").startswith(package):
                found[public] = value
    yield from sorted(found.items())


def numeric(constraints: dict[str, Any]) -> list[str]:
    """Give the parameters that scikit-learn checks against intervals of numbers, and those tuned as text."""
    return [
        name
        for name, allowed in constraints.items()
        if name in TUNED_TEXT or (not isinstance(allowed, str) and any(_is_numeric(each) for each in allowed))
    ]


def _is_numeric(constraint: Any) -> bool:
    return constraint in ("cv_object", tuple) or type(constraint).__name__ == "Interval"


def sklearn_facts(package: str) -> dict[str, Any]:
    """Give settings, order and randomness of all estimators, splitters and functions of a scikit-learn package."""
    facts: dict[str, Any] = {"positional": {}, "settings": {}}
    legacy = LEGACY.get(package, {})
    judged = {**RANDOM[package], **RANDOM_WHEN[package]}
    for name, value in public_callables(package):
        names = {parameter.name: parameter.default for parameter in parameters(value)}
        if names.get("random_state", 0) is None and name not in judged and name not in NOT_RANDOM[package].split():
            raise SystemExit(f"{package}: say in judged.py when {name} is random")
        settings = [
            each for each in settings_of(value, names) if each not in NO_SETTINGS and not each.startswith("copy")
        ]
        settings += [each for each in legacy.get(name, "").split() if each not in settings]
        if settings:
            facts["settings"][name] = " ".join(settings)
        order = positional(value)
        if order and (settings or name in judged):
            facts["positional"][name] = order
    facts["random"] = dict(sorted(RANDOM[package].items()))
    facts["random_when"] = dict(sorted(RANDOM_WHEN[package].items()))
    return facts


def settings_of(value: Any, names: dict[str, Any]) -> list[str]:
    """Give the settings of one estimator, splitter or function of scikit-learn, in the order of the signature."""
    constraints = getattr(value, "_parameter_constraints", None)
    if inspect.isclass(value) and constraints is not None and hasattr(value, "get_params"):
        known = set(numeric(constraints))
        return [name for name in names if name in known]
    if inspect.isclass(value) and not hasattr(value, "split"):
        return []
    return [name for name in names if name in FUNCTION_SETTINGS]


def boosting_facts(package: str) -> dict[str, Any]:
    """Give the settings of a boosting library's estimators and of its `train`."""
    names, container = BOOSTING[package]
    module = import_module(package)
    facts: dict[str, Any] = {"positional": {}, "settings": {}, "settings_in": {}}
    for name in names.split():
        value = getattr(module, name)
        settings = [each.name for each in all_parameters(value) if each.name not in NO_SETTINGS]
        if inspect.isclass(value):
            settings += BOOSTING_EXTRA[package].split()
        else:
            settings = [each for each in settings if each in ROUNDS]
        facts["settings"][name] = " ".join(dict.fromkeys(settings))
        order = positional(value).split()
        if container in order[:2]:
            facts["settings_in"][name] = container
            facts["positional"][name] = " ".join(order[: order.index(container) + 3])
    return facts


def all_parameters(value: Any) -> list[inspect.Parameter]:
    """Give the keyword parameters of a class along its bases, for those that pass ``**kwargs`` on."""
    found: dict[str, inspect.Parameter] = {}
    for each in inspect.getmro(value) if inspect.isclass(value) else (value,):
        function = each.__dict__.get("__init__") if inspect.isclass(value) else each
        for parameter in parameters(function) if function is not None else ():
            if parameter.kind not in (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL):
                found.setdefault(parameter.name, parameter)
    return list(found.values())


def pandas_facts(package: str) -> dict[str, Any]:
    """Give which arguments of pandas are places of files, by the annotations."""
    module = import_module(package)
    facts: dict[str, Any] = {"positional": {}, "paths": {}}
    owners = [
        (module, [name for name in dir(module) if name.startswith("read_")] + ["ExcelFile", "ExcelWriter", "HDFStore"])
    ]
    owners += [
        (owner, [name for name in dir(owner) if name.startswith("to_")]) for owner in (module.DataFrame, module.Series)
    ]
    for owner, names in owners:
        for name in sorted(names):
            function = getattr(owner, name)
            places = [
                each.name
                for each in parameters(function)
                if any(kind in str(each.annotation) for kind in PANDAS_PATHS)
                or each.name in ("path_or_buf", "io", "path")
            ]
            if places:
                facts["paths"][name] = " ".join(places)
                facts["positional"][name] = positional(function).partition(places[0])[0] + places[0]
    for name in ("sample",):
        facts["positional"][name] = positional(getattr(module.DataFrame, name))
    facts["settings"] = {"sample": "frac"}
    facts["random"] = {"sample": {}}
    return facts


def numpy_facts(package: str) -> dict[str, Any]:
    """Give which arguments of NumPy are places of files, by their names."""
    module = import_module(package)
    facts: dict[str, Any] = {"positional": {}, "paths": {}}
    for name in sorted(module.__all__):
        places = [each.name for each in parameters(getattr(module, name)) if each.name in NUMPY_PATHS]
        if places:
            facts["paths"][name] = " ".join(places)
            facts["positional"][name] = positional(getattr(module, name)).partition(places[0])[0] + places[0]
    facts["paths"]["tofile"] = "fid"
    facts["positional"]["tofile"] = "fid"
    facts["random_sources"] = {"default_rng": "seed", "RandomState": "seed", "SeedSequence": "entropy"}
    return facts


def place_facts(package: str) -> dict[str, Any]:
    """Give which arguments of any library are places of files, by annotations and by names that mean nothing else.

    A name that means the same wherever it stands in the library is entered alone, others with their class or module.
    """
    inventory = Inventory(package)
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for name, function in _callables(inventory):
        given = parameters(function)
        places = [each.name for each in given if _is_place(package, each)]
        order = positional(function).split()
        last = max((order.index(each) for each in places if each in order), default=-1)
        owner, _, short = name.rpartition(".")
        found.setdefault(short, {})[owner] = (" ".join(places), " ".join(order[: last + 1]))
    facts: dict[str, Any] = {"positional": {}, "paths": {}}
    for short, owners in found.items():
        same = len(set(owners.values())) == 1
        for owner, (places, order) in owners.items():
            key = short if same else f"{owner.rpartition('.')[2]}.{short}"
            if places:
                facts["paths"][key] = places
                if order:
                    facts["positional"][key] = order
    return facts


def _callables(inventory: Inventory) -> Iterator[tuple[str, Any]]:
    yield from sorted(inventory.functions.items())
    for name, known in sorted(inventory.classes.items()):
        if id(known.value) in inventory.names:
            yield name, known.value
        for attr, member in known.members.items():
            if inspect.isfunction(member):
                yield f"{name}.{attr}", member


def _is_place(package: str, parameter: inspect.Parameter) -> bool:
    said = str(parameter.annotation)
    return parameter.name in PLACES.get(package, PLACES[""]) or any(
        kind in said for kind in ("FilePath", "PathLike", "pathlib.Path", "str | Path", "os.PathLike")
    )


def scipy_facts(package: str) -> dict[str, Any]:
    """Give places of files of SciPy, and what draws from NumPy's global generator unless it is given another."""
    facts = place_facts(package)
    facts["random"] = dict(sorted(RANDOM[package].items()))
    facts["seed_argument"] = dict.fromkeys(facts["random"], SEEDS[package])
    inventory = Inventory(package)
    for name, function in [
        *inventory.functions.items(),
        *((name, known.value) for name, known in inventory.classes.items()),
    ]:
        short = name.rpartition(".")[2]
        if short in facts["random"] and short not in facts["positional"] and positional(function):
            facts["positional"][short] = positional(function)
    return facts


def boosting_and_place_facts(package: str) -> dict[str, Any]:
    """Give the settings of a boosting library, and which of its arguments are places of files."""
    facts, places = boosting_facts(package), place_facts(package)
    for name, order in places["positional"].items():
        facts["positional"].setdefault(name, order)
    return {**facts, "paths": places["paths"]}


ARGUMENTS: dict[str, Callable[[str], dict[str, Any]]] = {
    "sklearn": sklearn_facts,
    "imblearn": sklearn_facts,
    "xgboost": boosting_and_place_facts,
    "lightgbm": boosting_and_place_facts,
    "catboost": boosting_facts,
    "pandas": pandas_facts,
    "numpy": numpy_facts,
    "scipy": scipy_facts,
    "matplotlib": place_facts,
    "polars": place_facts,
    "statsmodels": place_facts,
}


def text(package: str, facts: dict[str, Any]) -> str:
    """Give a library's file: one line for each callable, so that a change of release reads well as a diff."""
    found = version({"sklearn": "scikit-learn", "imblearn": "imbalanced-learn"}.get(package, package))
    head = f'{{\n"comment": "Generated from {package} {found} by docs/generate_library.py; do not edit."'
    for table, entries in facts.items():
        lines = [f" {json.dumps(name)}: {json.dumps(value)}" for name, value in sorted(entries.items())]
        head += f',\n"{table}": {{\n' + ",\n".join(lines) + "\n}"
    return head + "\n}\n"
