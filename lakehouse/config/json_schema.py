"""The JSON Schema of an export's YAML, made from the dataclasses that read it: completion and checks in editors."""

import dataclasses
import json
import types
import typing
from typing import Any, Literal

from lakehouse.config.exports import Account, Explode, Export, ExportColumn, Target

DRAFT = "https://json-schema.org/draft/2020-12/schema"
PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}
MEANINGS: dict[tuple[type, str], str] = {
    (Export, "export"): "name of the export: the file's name, and bronze.<name>",
    (Export, "channel"): "prefix of account_id and order_id",
    (Export, "files"): "pattern of file names inside drop/<YYYY-MM-DD>/, or a list of them",
    (Export, "format"): "gzip is recognised by content",
    (Export, "columns"): "all columns of the file; in the file's order where it has no header",
    (Export, "targets"): "silver tables that the export fills",
    (Export, "encoding"): "auto: byte order mark, UTF-8, then the fallbacks of landing.yaml",
    (Export, "delimiter"): "one character; a tab is \\t",
    (Export, "quote"): "one character; empty: quotes are plain text",
    (Export, "header"): "false: names come from columns",
    (Export, "comment"): "lines that begin with this are no rows; counted",
    (Export, "skip_lines"): "rule: regular expression; lines in which it is found are no rows; counted by rule",
    (Export, "rows"): "where the rows of json or xml stand: data.orders, or orders/order",
    (Export, "sheet"): "name of a workbook's sheet; empty: the first",
    (Export, "widths"): "characters of each column of a fixed-width file",
    (Export, "zone"): "zone of times without offset: Asia/Shanghai, or a column; empty: the business time zone",
    (Export, "snapshot"): "true: every delivery is the whole list; what is not in the newest one is gone",
    (Export, "version"): "column or expression; the row with the highest counts; empty: the newest delivery's",
    (Export, "done_marker"): "the file waits until this exists, e.g. {file}.done",
    (Export, "late_after_days"): "days without a file before it is called late",
    (Export, "account"): "how account_id is made; a target may have its own",
    (ExportColumn, "required"): "false: a file without it is taken",
    (ExportColumn, "also"): "other names that files use for the column",
    (ExportColumn, "personal"): "a value about a person",
    (ExportColumn, "purpose"): "what a personal value is used for",
    (Account, "key"): "SQL expression; NULL or empty: a guest",
    (Account, "personal"): "true: account_id has a keyed hash in place of the key",
    (Account, "channel"): "SQL expression, where it is not the export's channel",
    (Explode, "column"): "a column with JSON text",
    (Explode, "schema"): "ARRAY<STRUCT<name: STRING, ...>>",
    (Explode, "as_"): "name of the element in expressions",
    (Target, "table"): "a silver table",
    (Target, "columns"): "column of the table: Spark SQL expression; cents(x), clean(x) and number(x) are ours",
    (Target, "where"): "lines that this target is for",
    (Target, "discard"): "rule: condition; such lines are counted and left out",
    (Target, "explode"): "one row per element of a JSON list",
    (Target, "group_by"): "one row per group; columns are aggregates then",
    (Target, "flags"): "flag: condition; added to quality_flags",
}


def text() -> str:
    """The schema as it is committed."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def schema() -> dict[str, Any]:
    """The schema as plain data."""
    made = {"$schema": DRAFT, "title": "An export of customer-lakehouse", **_object(Export)}
    made["properties"]["targets"]["items"]["properties"]["table"]["pattern"] = r"^silver\.[a-z_]+$"
    return made


def _object(form: type) -> dict[str, Any]:
    hints = typing.get_type_hints(form)
    fields = dataclasses.fields(form)
    properties = {}
    for spec in fields:
        one = _of(hints[spec.name])
        if (meaning := MEANINGS.get((form, spec.name))) is not None:
            one["description"] = meaning
        if spec.default is not dataclasses.MISSING and spec.default is not None:
            one["default"] = spec.default if not isinstance(spec.default, tuple) else list(spec.default)
        properties[spec.name.rstrip("_")] = one
    required = [
        spec.name.rstrip("_")
        for spec in fields
        if spec.default is dataclasses.MISSING and spec.default_factory is dataclasses.MISSING
    ]
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def _of(hint: Any) -> dict[str, Any]:
    """JSON Schema of a type hint, as jobs.forms.convert reads values."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        kinds = [_of(one) for one in inner if one is not type(None)]
        return {"anyOf": [*kinds, {"type": "null"}]} if type(None) in inner else {"anyOf": kinds}
    if origin is Literal:
        return {"enum": list(inner)}
    if origin is tuple:
        one = _of(inner[0])
        many = {"type": "array", "items": one}
        return many if "properties" in one else {"anyOf": [one, many]}
    if origin is dict:
        return {"type": "object", "additionalProperties": _of(inner[1])}
    if dataclasses.is_dataclass(hint):
        return _object(typing.cast(type, hint))
    if hint is str:
        return {"type": ["string", "number"]}  # numbers are taken as their text
    return {"type": PLAIN[hint]}
