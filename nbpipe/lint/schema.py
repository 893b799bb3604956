"""The JSON schemas of what ``check --output-format json`` writes, with ``--statistics`` and without."""

from __future__ import annotations

from typing import Any

from nbpipe.lint import statistics
from nbpipe.lint.diagnostic import Applicability, Severity
from nbpipe.lint.reporters.json import VERSION

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
STRING: Schema = {"type": "string"}
FROM_0: Schema = {"type": "integer", "minimum": 0}
FROM_1: Schema = {"type": "integer", "minimum": 1}
CODE: Schema = {"type": "string", "pattern": "^[A-Z]+[0-9]+$"}
SEVERITY: Schema = {"enum": [severity.label for severity in sorted(Severity, reverse=True)]}


def diagnostics_schema() -> Schema:
    """Give the schema; numbers of cells, lines and columns count from 1."""
    document = object_schema(
        version={"const": VERSION},
        diagnostics={"type": "array", "items": {"$ref": "#/$defs/diagnostic"}},
        summary=_summary(),
    )
    definitions = {
        "position": object_schema(line=FROM_1, column=FROM_1),
        "range": object_schema(start={"$ref": "#/$defs/position"}, end={"$ref": "#/$defs/position"}),
        "cell": object_schema(number=FROM_1, id=or_null(STRING), execution_count=or_null({"type": "integer"})),
        "edited_cell": object_schema(number=FROM_1, id=or_null(STRING)),
        "related": object_schema(
            message=STRING,
            cell={"$ref": "#/$defs/cell"},
            range={"$ref": "#/$defs/range"},
            json_line=or_null(FROM_1),
        ),
        "edit": _edit(),
        "fix": object_schema(
            title=STRING,
            applicability={"enum": [value.value for value in Applicability]},
            edits={"type": "array", "items": {"$ref": "#/$defs/edit"}},
        ),
        "diagnostic": _diagnostic(),
    }
    return {"$schema": DIALECT, "title": "nbpipe check --output-format json", **document, "$defs": definitions}


def statistics_schema() -> Schema:
    """Give the schema of the counts by rule."""
    count = object_schema(code=CODE, rule=STRING, severity=SEVERITY, count=FROM_1, fixable=FROM_0)
    document = object_schema(
        version={"const": statistics.VERSION},
        statistics={"type": "array", "items": count},
        summary=_summary(),
    )
    return {"$schema": DIALECT, "title": "nbpipe check --statistics --output-format json", **document}


def _summary() -> Schema:
    return object_schema(notebooks=FROM_0, errors=FROM_0, warnings=FROM_0, infos=FROM_0, fixable=FROM_0)


def _diagnostic() -> Schema:
    return object_schema(
        code=CODE,
        rule=STRING,
        severity=SEVERITY,
        message=STRING,
        path=STRING,
        cell=or_null({"$ref": "#/$defs/cell"}),
        range=or_null({"$ref": "#/$defs/range"}),
        json_line=or_null(FROM_1),
        related={"type": "array", "items": {"$ref": "#/$defs/related"}},
        fix=or_null({"$ref": "#/$defs/fix"}),
        url=STRING,
    )


def _edit() -> Schema:
    cell: Schema = {"$ref": "#/$defs/edited_cell"}
    tags: Schema = {"type": "array", "items": STRING}
    text = object_schema(kind={"const": "text"}, cell=cell, range={"$ref": "#/$defs/range"}, content=STRING)
    insert = object_schema(kind={"const": "insert-cell"}, after=FROM_0, cell_type=STRING, tags=tags, content=STRING)
    delete = object_schema(kind={"const": "delete-cell"}, cell=cell)
    move = object_schema(kind={"const": "move-cell"}, cell=cell, after=FROM_0)
    field = object_schema(kind={"const": "set-field"}, cell=or_null(cell), field=STRING, value={})
    convert = object_schema(kind={"const": "convert-format"}, nbformat=FROM_1)
    return {"oneOf": [text, insert, delete, move, field, convert]}


def object_schema(**properties: Schema) -> Schema:
    """Give the schema of an object that has these members, all of them and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def or_null(schema: Schema) -> Schema:
    """Give the schema of what may be missing."""
    return {"oneOf": [schema, {"type": "null"}]}
