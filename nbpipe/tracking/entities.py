"""Facts of a run in MLflow's own terms: parameters, metrics, tags, data sets, each within its limits."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nbpipe.records import RunRecord, StepResult
    from nbpipe.tracking.store import Store

LONGEST_PARAMETER = 6000  # MLflow's limits, as those below
LONGEST_TAG = 5000
_LONGEST_NAME = 250
_LONGEST_DIGEST = 36
_LONGEST_DATA_NAME = 500
_LONGEST_SCHEMA = 1_000_000
_A_BATCH = 100
_METRICS_A_BATCH = 800
_MOST_DATA = 1000
_NOT_IN_NAMES = re.compile(r"[^\w\-./: ]")
# How the types of columns are called in MLflow's schemas, by what they are called elsewhere.
_TYPES: tuple[tuple[str, str], ...] = (
    ("bool", "boolean"),
    ("int", "long"),
    ("float", "double"),
    ("double", "double"),
    ("decimal", "double"),
)
_TYPES += (("date", "datetime"), ("timestamp", "datetime"))


def log_facts(
    store: Store,
    run_id: str,
    *,
    params: Mapping[str, Any] | None = None,
    metrics: Iterable[tuple[str, float, int, int]] = (),
    tags: Mapping[str, Any] | None = None,
) -> None:
    """Log all that is known in one call, or in as few as MLflow's limits allow; call it within `quiet_calls`.

    Args:
        store: where to.
        run_id: MLflow's.
        params: text as it is, other values as JSON where they have any.
        metrics: name, value, milliseconds since the epoch, step.
        tags: those that are empty are left out.
    """
    from mlflow.entities import Metric, Param, RunTag

    given = [Param(_name(name), _text(value)[:LONGEST_PARAMETER]) for name, value in (params or {}).items()]
    measured = [Metric(_name(name), float(value), when, step) for name, value, when, step in metrics]
    labels = [RunTag(name, value) for name, value in tags_of(tags or {}).items()]
    while given or measured or labels:
        batch = given[:_A_BATCH], measured[:_METRICS_A_BATCH], labels[:_A_BATCH]
        store.client.log_batch(run_id, params=batch[0], metrics=batch[1], tags=batch[2])
        given, measured, labels = given[_A_BATCH:], measured[_METRICS_A_BATCH:], labels[_A_BATCH:]


def _name(name: str) -> str:
    """Give a name as MLflow takes it."""
    return _NOT_IN_NAMES.sub("_", name)[:_LONGEST_NAME].strip("/.") or "_"


def _text(value: Any) -> str:
    """Give a parameter as text: the same whether it comes from a run or from the JSON of its record."""
    if isinstance(value, str):
        return value
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value, default=str)
    try:
        return json.dumps(value)
    except (TypeError, ValueError):
        return str(value)


def log_data(store: Store, run_id: str, data: Iterable[Any]) -> None:
    """Log data sets (see `files_read`, `values_taken`) as inputs of a run."""
    sets = list(data)[:_MOST_DATA]
    for start in range(0, len(sets), _A_BATCH):
        store.client.log_inputs(run_id, datasets=sets[start : start + _A_BATCH])


def files_read(files: Mapping[str, str | None], profiles: Mapping[str, Any] | None = None) -> list[Any]:
    """Give files as data sets, with what is known of the tables in them.

    Args:
        files: path to SHA-256; one whose hash is not known is left out.
        profiles: path to profile; see `nbpipe.runtime.profiles`.
    """
    return [
        _data_set(Path(path).name, digest, "local", {"uri": path}, (profiles or {}).get(path), "read")
        for path, digest in files.items()
        if digest
    ]


def values_taken(result: StepResult, makers: Mapping[str, StepResult]) -> list[Any]:
    """Give the tables and arrays that a step takes from others as data sets; their source is their key in the store."""
    found = []
    for name, source in result.inputs.items():
        maker = makers.get(source["step"])
        profile = None if maker is None else maker.profiles.get("outputs", {}).get(name)
        if profile is not None and source["key"]:
            place = {"step": source["step"], "output": name, "key": source["key"]}
            found.append(_data_set(f"{source['step']}.{name}", source["key"], "nbpipe", place, profile, "input"))
    return found


def _data_set(  # noqa: PLR0913 - what a data set is made of
    name: str, digest: str, kind: str, source: Any, profile: Mapping[str, Any] | None, context: str
) -> Any:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    schema = None if profile is None else json.dumps(_schema(profile))
    data = Dataset(
        name=name[-_LONGEST_DATA_NAME:],
        digest=digest[:_LONGEST_DIGEST],
        source_type=kind,
        source=json.dumps(source),
        schema=schema if schema is not None and len(schema) <= _LONGEST_SCHEMA else None,
        profile=None if profile is None else json.dumps(_sizes(profile)),
    )
    return DatasetInput(data, tags=[InputTag("mlflow.data.context", context)])


def _schema(profile: Mapping[str, Any]) -> dict[str, Any]:
    """Give a profile's schema as MLflow shows it."""
    if profile["kind"] == "array":
        spec = {"type": "tensor", "tensor-spec": {"dtype": profile["type"], "shape": profile["shape"]}}
        return {"mlflow_tensorspec": {"features": json.dumps([spec]), "targets": None}}
    columns = [{"type": _type(column["type"]), "name": column["name"]} for column in profile["columns"]]
    return {"mlflow_colspec": columns}


def _type(name: str) -> str:
    lower = name.lower()
    return next((shown for part, shown in _TYPES if part in lower), "string")


def _sizes(profile: Mapping[str, Any]) -> dict[str, Any]:
    if profile["kind"] == "array":
        return {"shape": profile["shape"], **_statistics(profile)}
    rows, columns = profile["rows"], profile["columns"]
    sizes = {"num_rows": rows, "num_elements": None if rows is None else rows * len(columns)}
    if "sampled" in profile:
        sizes["sampled"] = profile["sampled"]
    return {**sizes, "columns": {column["name"]: _statistics(column) for column in columns}}


def _statistics(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name not in ("name", "kind", "shape", "columns")}


def run_tags(record: RunRecord) -> dict[str, str]:
    """Give what MLflow's table of runs shows and can be searched for."""
    origin = record.provenance
    git = origin.get("git") or {}
    error = None if record.error is None else f"{record.error.name}: {record.error.message}"
    seeds = [f"{seed['generator']}({seed['seed']})" for seed in record.observed.get("seeds") or ()]
    effects = [f"{item['kind']} {item['name']}" for item in record.observed.get("effects") or ()]
    tags = {
        **{name: value or "true" for name, value in record.tags.items()},
        "mlflow.user": origin.get("user"),
        "mlflow.source.git.commit": git.get("commit"),
        "mlflow.source.git.branch": git.get("branch"),
        "mlflow.note.content": record.note or error,
        "nbpipe.code.sha256": (origin.get("code") or {}).get("sha256"),
        "nbpipe.error": error,
        "nbpipe.git.dirty": str(git["dirty"]).lower() if git else None,
        "nbpipe.host": origin.get("host"),
        "nbpipe.kernel": (origin.get("kernel") or {}).get("name"),
        "nbpipe.notebook.sha256": origin.get("sha256"),
        "nbpipe.python": (origin.get("python") or {}).get("version"),
        "nbpipe.seeds": ", ".join(seeds),
        "nbpipe.effects": ", ".join(effects),
        "nbpipe.status": record.status.value,
    }
    return tags_of(tags)


def tags_of(tags: Mapping[str, Any]) -> dict[str, str]:
    """Give tags as MLflow takes them; those that are empty are left out."""
    return {_name(name): str(value)[:LONGEST_TAG] for name, value in tags.items() if value}
