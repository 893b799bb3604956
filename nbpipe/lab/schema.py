"""The JSON schema of what the server replies to JupyterLab's side; that side's types are generated from it."""

from __future__ import annotations

from nbpipe.lab.handlers import NEEDS
from nbpipe.lint.schema import CODE, DIALECT, FROM_0, FROM_1, STRING, Schema, diagnostics_schema, object_schema, or_null
from nbpipe.records import RunStatus
from nbpipe.steps import Role
from nbpipe.verify.cause import CauseKind
from nbpipe.verify.verdict import Outcome, Stage, Verdict

BOOLEAN: Schema = {"type": "boolean"}
NUMBER: Schema = {"type": "number"}
OBJECT: Schema = {"type": "object"}


def lab_schema() -> Schema:
    """Give the schema: one definition a reply, named as the type that it becomes; cells are numbered from 1."""
    diagnostics = diagnostics_schema()
    definitions = {
        **diagnostics["$defs"],
        "capabilities": _capabilities(),
        "checked": object_schema(**diagnostics["properties"], failures=_list(STRING)),
        "fixed": _fixed(),
        "structure": _structure(),
        "suggested": object_schema(
            cells=_list(object_schema(cell=FROM_1, tags=_list(STRING), reason=STRING)),
            problem=STRING,
        ),
        "started": object_schema(id=STRING, kind=STRING, path=STRING),
        "running": object_schema(jobs=_list({"$ref": "#/$defs/started"})),
        "followed": object_schema(id=STRING, kind=STRING, events=_list({"$ref": "#/$defs/event"}), ended=BOOLEAN),
        "event": _event(),
        "verified": _verified(),
        "converted": _converted(),
        "ran": _ran(),
        "asked": _asked(),
        "viewed": object_schema(kind={"const": "view"}, address=STRING),
        "tracked": object_schema(run=STRING, see=STRING),
    }
    replies = ("capabilities", "checked", "fixed", "structure", "suggested", "started", "running", "followed")
    named = {name: {"$ref": f"#/$defs/{name}"} for name in replies}
    return {"$schema": DIALECT, "title": "replies", **object_schema(**named), "$defs": definitions}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _capabilities() -> Schema:
    return object_schema(
        version=STRING,
        commands=object_schema(**dict.fromkeys(NEEDS, BOOLEAN)),
        pipelines=_list(object_schema(path=STRING, problem=STRING, mlflow=or_null({"$ref": "#/$defs/tracked"}))),
    )


def _fixed() -> Schema:
    cell = object_schema(
        origin=or_null(FROM_0),
        cell_type=STRING,
        source=or_null(STRING),
        metadata=or_null(OBJECT),
        clear_outputs=BOOLEAN,
        clear_count=BOOLEAN,
    )
    return object_schema(
        applied=_list(object_schema(code=CODE, rule=STRING, message=STRING)),
        diff=_list(STRING),
        cells=_list(cell),
        metadata=or_null(OBJECT),
        problem=STRING,
    )


def _structure() -> Schema:
    role = object_schema(
        cell=FROM_1, role={"enum": [role.value for role in Role]}, step=STRING, tagged=BOOLEAN, metrics=BOOLEAN
    )
    edge = object_schema(**{"from": STRING, "to": STRING, "names": _list(STRING), "late": BOOLEAN})
    return object_schema(
        roles=_list(role),
        steps=_list(object_schema(name=STRING, title=STRING, cells=_list(FROM_1))),
        edges=_list(edge),
        drawing=STRING,
        problems=_list(object_schema(cell=FROM_1, message=STRING)),
        stale=_list(object_schema(cell=FROM_1, reason=STRING)),
    )


def _event() -> Schema:
    progress = object_schema(event={"const": "progress"}, done=FROM_0, total=FROM_0, text=STRING)
    said = [object_schema(event={"const": name}, message=STRING) for name in ("note", "failed", "cancelled")]
    results = [{"$ref": f"#/$defs/{name}"} for name in ("verified", "converted", "ran", "asked", "viewed")]
    return {"oneOf": [progress, *said, object_schema(event={"const": "done"}, result={"oneOf": results})]}


def _verified() -> Schema:
    cause = object_schema(
        kind={"enum": [kind.value for kind in CauseKind]},
        text=STRING,
        cell=or_null(FROM_1),
        code=STRING,
        rule=STRING,
        shown_by_runs=BOOLEAN,
    )
    cell = object_schema(
        number=FROM_1,
        title=STRING,
        outcome={"enum": [outcome.value for outcome in Outcome]},
        looked_past=_list(STRING),
        difference=STRING,
        cause=or_null(cause),
    )
    return object_schema(
        kind={"const": "verify"},
        good=BOOLEAN,
        path=STRING,
        verdict={"enum": [verdict.value for verdict in Verdict]},
        reason=STRING,
        note=STRING,
        stage={"enum": [stage.value for stage in Stage]},
        looked_past=_list(STRING),
        first_divergence=or_null(FROM_1),
        executed=or_null(NUMBER),
        seconds=or_null(NUMBER),
        runs={"type": "integer", "minimum": 0},
        cached=BOOLEAN,
        updated=BOOLEAN,
        cells=_list(cell),
    )


def _converted() -> Schema:
    step = object_schema(name=STRING, inputs=_list(STRING), outputs=_list(STRING))
    return object_schema(
        kind={"const": "convert"},
        folder=STRING,
        files=_list(STRING),
        steps=_list(step),
        notes=_list(STRING),
        proof=STRING,
    )


def _asked() -> Schema:
    parameter = object_schema(name=STRING, type=STRING, help=STRING, value=or_null(STRING))
    return object_schema(kind={"const": "parameters"}, parameters=_list(parameter))


def _ran() -> Schema:
    step = object_schema(
        name=STRING,
        status={"enum": [status.value for status in RunStatus]},
        seconds=or_null(NUMBER),
        metrics={"type": "object", "additionalProperties": NUMBER},
    )
    return object_schema(
        kind={"const": "run"},
        run=STRING,
        mlflow=or_null({"$ref": "#/$defs/tracked"}),
        status={"enum": [status.value for status in RunStatus]},
        seconds=NUMBER,
        problem=STRING,
        steps=_list(step),
    )
