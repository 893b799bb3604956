"""Estimators: what fitting learns, what transforming applies, what predicting and scoring ask."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.analysis.learning.facts import CATEGORIES, STATISTICS, Duplication, Fact, Learned
from nbpipe.analysis.learning.methods import export_model
from nbpipe.analysis.learning.models import Evaluation, Training
from nbpipe.analysis.learning.roles import CLASSES, SAVING, TRANSFORMERS, VALUES, class_name, role_of
from nbpipe.analysis.traversal import walk
from nbpipe.analysis.values import Class, Const, Container, External, Instance, Member, Obj, Thing

if TYPE_CHECKING:
    from nbpipe.analysis.learning.calls import Call
    from nbpipe.analysis.learning.watcher import RowWatcher
    from nbpipe.analysis.values import Value

_VALIDATION_NAMES = ("val", "valid", "dev", "eval", "cv", "oof", "fold")
_NO_SETTINGS = frozenset(["random_state", "seed", "n_jobs", "verbose", "estimator", "base_estimator"])
# By how many rows a word is in, it is kept or left out.
_CUTS = frozenset(["max_df", "max_features", "min_df"])
_FEATURES = ("X", "x", "texts", "raw_documents", "data", "generator")


def follow(call: Call) -> bool:
    """Follow a method of an estimator, sampler or splitter; false for all others."""
    assert call.owner is not None  # noqa: S101 - the caller's question
    owner = call.owner
    if owner.__class__ is Container:
        return False
    role = role_of(owner)
    name = call.name
    if role == "splitter":
        return _follow_splitter(call)
    if name in ("fit_resample", "fit_sample"):
        return _resample(call, role)
    if name in SAVING and (role == "model" or owner in call.watcher.history.trainings):
        export_model(call)
        return True
    if name == "get_support" and owner in call.watcher.facts:
        call.give(Fact(learned=call.watcher.facts[owner].learned))
        return True
    if _transforms(call, owner, role):
        return _follow_transformer(call, owner)
    if name in VALUES["fitting"]:
        return _fit(call, owner, role)
    if name in VALUES["predicting"] or name in VALUES["scoring"]:
        return _try(call, owner)
    return name == "fit_predict" and _cluster(call)


def _follow_splitter(call: Call) -> bool:
    """``KFold().split(X)``: pairs of positions; fold by fold the same division is made anew."""
    if call.name == "split" and call.owner is not None:
        key = ("split", call.watcher.number(call.node), call.watcher.number(call.owner))
        call.watcher.history.splits[key] = call.place
        call.give(Fact(kind="folds", division=(key, 0)))
    return True


def _resample(call: Call, role: str | None) -> bool:
    """SMOTE and its kin make rows out of several others; undersampling only leaves some out."""
    assert call.owner is not None  # noqa: S101
    facts = [call.watcher.data(value) for value in (call.argument(0, "X"), call.argument(1, "y")) if value]
    if role != "undersampler":
        mark = Duplication(class_name(call.owner) or call.name, call.place)
        facts = [fact.but(duplicated=fact.duplicated | {mark}) for fact in facts]
    call.give(Fact(parts=tuple(facts)))
    return True


# Transformers


def _transforms(call: Call, owner: Obj, role: str | None) -> bool:
    name = call.name
    if name in ("fit_transform", *VALUES["transforming"]):
        return role in (*TRANSFORMERS, "composite", "clusterer", "search", "model") or (
            role is None and (owner in call.watcher.facts or name == "fit_transform") and _is_estimator(call, owner)
        )
    return name in VALUES["fitting"] and (role in TRANSFORMERS or (role == "composite" and not _ends_in_model(call)))


def _is_estimator(call: Call, owner: Obj) -> bool:
    """Tell whether an object of unknown class is no data itself."""
    fact = call.watcher.facts.get(owner)
    return fact is None or not fact.rows


def _ends_in_model(call: Call) -> bool:
    assert call.owner is not None  # noqa: S101
    if class_name(call.owner) in ("ColumnTransformer", "FeatureUnion", "DataFrameMapper"):
        return False
    parts = components(call.watcher, call.owner)
    roles = [role_of(part) for part in parts]
    return not parts or any(role in ("model", "clusterer", "search") or role is None for role in roles)


def components(watcher: RowWatcher, obj: Obj) -> list[Obj]:
    """Give the estimators that a pipeline or column transformer was made of."""
    arguments = watcher.made.get(obj)
    if arguments is None:
        return []
    pending = [*arguments.all()]
    found: list[Obj] = []
    while pending and len(found) < 100:  # noqa: PLR2004 - a bound on odd nests
        part = pending.pop(0)
        if isinstance(part, Container):
            pending.extend(part.elements())
        elif isinstance(part, Thing) and part is not obj:
            inner = components(watcher, part) if role_of(part) == "composite" else [part]
            found.extend(inner)
    return found


def _kind_of(call: Call, owner: Obj) -> str | None:
    """Tell what a transformer learns: statistics, categories, or nothing (None)."""
    role = role_of(owner)
    if role == "composite":
        roles = {role_of(part) for part in components(call.watcher, owner)} & TRANSFORMERS
        if not components(call.watcher, owner):
            return None
        return STATISTICS if STATISTICS in roles else CATEGORIES if CATEGORIES in roles else None
    if role is None:
        return _kind_of_own(owner)
    if class_name(owner) in ("SimpleImputer", "Imputer") and _option(call, owner, "strategy") == "constant":
        return None
    if class_name(owner) == "CountVectorizer" and not _is_given(call, owner, _CUTS):
        return CATEGORIES  # it keeps every word, so that it knows no more than which there are
    return {"statistics": STATISTICS, "categories": CATEGORIES, "clusterer": STATISTICS, "model": STATISTICS}.get(role)


def _kind_of_own(owner: Obj) -> str | None:
    """Tell what a transformer of the notebook's own, made from a known one, learns."""
    if isinstance(owner, Instance):
        for base in owner.cls.bases:
            for parent in base:
                name = parent.name.rpartition(".")[2] if isinstance(parent, External) else ""
                role = CLASSES.get(name)
                if role in ("statistics", "categories"):
                    return role
    return None


def _option(call: Call, owner: Obj, name: str) -> object:
    arguments = call.watcher.made.get(owner)
    value = arguments.keywords.get(name, ()) if arguments is not None else ()
    return value[0].value if len(value) == 1 and isinstance(value[0], Const) else None


def _is_given(call: Call, owner: Obj, names: frozenset[str]) -> bool:
    arguments = call.watcher.made.get(owner)
    return arguments is not None and not names.isdisjoint(arguments.keywords)


def _follow_transformer(call: Call, owner: Obj) -> bool:
    watcher = call.watcher
    given = call.argument(0, *_FEATURES)
    data = watcher.data(given) if given else Fact()
    if call.name in VALUES["fitting"] or call.name == "fit_transform":
        kind = _kind_of(call, owner)
        fitted = set(data.learned)
        if kind is not None and data.rows and not data.single:
            fitted = {Learned(class_name(owner) or "transformer", kind, data.rows, call.place, owner)}
            target = call.argument(1, "y")
            if target and kind == STATISTICS:
                watcher.data(target)
            watcher.facts[owner] = Fact(learned=frozenset(fitted) | data.learned)
        elif kind is None:
            watcher.facts[owner] = Fact()
        if call.name in VALUES["fitting"]:
            return True
    if call.name == "inverse_transform":
        call.give(data)
        return True
    known = watcher.facts.get(owner)
    own = frozenset(each for each in known.learned if each.tool is owner) if known is not None else frozenset()
    call.give(data.but(learned=data.learned | own, predicted=frozenset(), division=None))
    return True


def _cluster(call: Call) -> bool:
    assert call.owner is not None  # noqa: S101
    data = call.watcher.data(call.argument(0, "X"))
    if not data.rows:
        return True
    name = class_name(call.owner) or "fit_predict"
    call.give(data.but(learned=data.learned | {Learned(name, STATISTICS, data.rows, call.place, call.owner)}))
    return True


# Models


def _fit(call: Call, owner: Obj, role: str | None) -> bool:
    features = call.argument(0, *_FEATURES)
    if role == "clusterer":
        data = call.watcher.data(features) if features else Fact()
        if data.rows:
            learned = Learned(class_name(owner) or "clusterer", STATISTICS, data.rows, call.place, owner)
            call.watcher.facts[owner] = Fact(learned=frozenset((learned,)))
        return True
    supervised = call.argument(1, "y") or role in ("model", "search") or _is_network(owner)
    if not features or not supervised:
        return not features
    data = call.watcher.data(features)
    if data.parts:
        data = data.parts[0]
    name = class_name(owner) or "model"
    history = call.watcher.history
    training = Training(owner, name, data, call.place, tuned=_is_tuned(call, owner))
    history.trainings[owner] = training
    _validate(call, training)
    return True


def _is_network(owner: Obj) -> bool:
    return isinstance(owner, Instance) and any(
        isinstance(parent, External | Class) for base in owner.cls.bases for parent in base
    )


def _is_tuned(call: Call, owner: Obj) -> bool:
    """Tell whether the model was made in a loop, with a setting that is no literal."""
    arguments = call.watcher.made.get(owner)
    interp = call.watcher.interp
    if arguments is None or not (interp.loops or any(step.kind == "loop" for step in interp.paths)):
        return False
    values = [value for name, value in arguments.keywords.items() if name not in _NO_SETTINGS]
    values += arguments.positional
    return any(len(value) > 1 or (value and not isinstance(value[0], Const | Container | External)) for value in values)


def _validate(call: Call, training: Training) -> None:
    """Keras is given the data to validate on when it is fitted."""
    value = call.arguments.keywords.get("validation_data", ())
    fact = call.watcher.fact_of(value)
    features = value[0].items.get(0) if len(value) == 1 and isinstance(value[0], Container) else None
    if features:
        fact = call.watcher.data(features)
    if fact is not None and fact.rows:
        evaluation = Evaluation(training, fact, call.place, validating=True)
        call.watcher.history.evaluations.append(evaluation)


def training_of(watcher: RowWatcher, owner: Obj) -> Training | None:
    """Give the last fit of a model, or of the search that it is the best of."""
    obj: Obj | None = owner
    while obj is not None and not isinstance(obj, External):
        found = watcher.history.trainings.get(obj)
        if found is not None:
            return found
        obj = obj.base if isinstance(obj, Member | Thing) else None
    return None


def _try(call: Call, owner: Obj) -> bool:
    """Predict or score: the data meets what the model was fitted on."""
    training = training_of(call.watcher, owner)
    given = call.argument(0, *_FEATURES)
    if training is None:
        return _assign_clusters(call, owner, given)
    data = call.watcher.data(given) if given else Fact()
    if data.parts:
        data = data.parts[0]
    scoring = call.name in VALUES["scoring"]
    evaluation = Evaluation(training, data, call.place, measured=scoring, validating=_says_validation(call))
    call.watcher.history.evaluations.append(evaluation)
    mark = frozenset((evaluation,))
    if scoring:
        call.give(Fact(scores=mark))
    else:
        call.give(Fact(data.rows, predicted=mark, uncertain=data.uncertain, opaque=True))
    return True


def _assign_clusters(call: Call, owner: Obj, given: Value) -> bool:
    known = call.watcher.facts.get(owner)
    if known is None or not given:
        return False
    own = frozenset(each for each in known.learned if each.tool is owner)
    data = call.watcher.fact_of(given)
    if data is not None and own:
        call.give(data.but(learned=data.learned | own))
    return True


def _says_validation(call: Call) -> bool:
    """Tell whether the data is called validation data in the code: then choosing by it is what it is for."""
    node = call.node
    if not isinstance(node, ast.Call) or not node.args:
        return False
    names = [each.id for each in walk(node.args[0]) if isinstance(each, ast.Name)]
    names += [each.attr for each in walk(node.args[0]) if isinstance(each, ast.Attribute)]
    return any(word in name.lower().split("_") or word in name.lower() for name in names for word in _VALIDATION_NAMES)
