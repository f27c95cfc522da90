"""Columns of Arrow tables: a function over each distinct text once, and the columns that are made of others."""

from collections.abc import Callable
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from jobs.identity.cleaners.record_fields import FIELDS, FINGERPRINT, NO_EVIDENCE, PRINT_LENGTH, SCHEMA, USED
from lakehouse.sql import duckdb_engine

Texts = tuple[str | None, ...]
Cleaner = Callable[[str], Texts]
SEPARATOR = "\x1f"
NULL_TEXT = pa.scalar(None, pa.string())


def texts(table: pa.Table) -> dict[str, pa.Array]:
    """The text columns of a table, each in one piece, by name."""
    return {
        field.name: _whole(table[field.name].cast(pa.string()))
        for field in table.schema
        if not (pa.types.is_boolean(field.type) or pa.types.is_nested(field.type) or pa.types.is_timestamp(field.type))
    }


def _whole(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def mapped(column: pa.Array, cleaner: Cleaner, *names: str) -> dict[str, pa.Array]:
    """Apply a cleaner to each distinct text; its results become columns of these names. NULL stays NULL."""
    if column.null_count == len(column):
        return {name: pa.nulls(len(column), pa.string()) for name in names}
    encoded = column.dictionary_encode()
    results = [cleaner(text) for text in encoded.dictionary.to_pylist()]
    made = (pa.array([row[i] for row in results], pa.string()) for i in range(len(names)))
    return {name: values.take(encoded.indices) for name, values in zip(names, made, strict=True)}


def with_plain(column: pa.Array, plain: tuple[pa.Array, dict[str, pa.Array]], cleaner: Cleaner) -> dict[str, pa.Array]:
    """What a quick way made of the plain values, and the cleaner of the others.

    Args:
        plain: which values are plain, and the columns made of them.
    """
    is_plain, made = plain
    others = mapped(pc.if_else(is_plain, NULL_TEXT, column), cleaner, *made)
    return {name: pc.if_else(is_plain, values, others[name]) for name, values in made.items()}


def where(flag: pa.ChunkedArray, column: pa.Array) -> pa.Array:
    """The texts whose flag is true, else NULL."""
    return pc.if_else(_whole(pc.fill_null(flag, False)), column, NULL_TEXT)


def joined(*parts: pa.Array) -> pa.Array:
    """One text of several columns, to be cleaned together; a NULL part is empty, all NULL is NULL."""
    filled = [pc.replace_substring(pc.fill_null(part, ""), SEPARATOR, " ") for part in parts]
    anything = pc.fill_null(pc.is_valid(pc.coalesce(*parts)), False)
    return pc.if_else(anything, pc.binary_join_element_wise(*filled, SEPARATOR), NULL_TEXT)


def apart(text: str) -> list[str]:
    """The parts of a `joined` text."""
    return text.split(SEPARATOR)


def with_hashes(customers: pa.Table, fields: dict[str, pa.Array], run_date: date, secret: str) -> pa.Table:
    """The record set: ids, fields, parts that are made of fields, and the keyed hashes.

    `c` and 24 hexadecimal digits of a keyed sha-256: no chance in it, and no way back to the account.
    """
    exported = [name for name in USED if name not in ("account_id", "channel")]
    cleaned = pa.table(
        {
            **{f"exported_{name}": customers[name] for name in exported},
            "account_id": customers["account_id"].cast(pa.string()),
            "channel": customers["channel"].cast(pa.string()),
            "is_lead": pc.fill_null(customers["is_lead"], False),
            **fields,
        }
    )
    every = ", ".join(f"coalesce({name}, '')" for name in sorted(fields))
    record_hash = f"substr(sha256(concat_ws('|', $secret, {every})), 1, 24)"
    source = ", ".join(f"coalesce(CAST(exported_{name} AS VARCHAR), '')" for name in exported)
    evidence = ", ".join(name for name in FIELDS if name not in NO_EVIDENCE)
    made = {
        **{name: name for name in cleaned.column_names},
        "birth_year": "substr(birth, 1, 4)",
        "birth_day_month": "substr(birth, 7, 2) || substr(birth, 5, 2)",
        "names": _either_order("given", "family"),
        "name_key": _either_order("given_key", "family_key"),
        "record_hash": f"CASE WHEN coalesce({evidence}) IS NOT NULL THEN {record_hash} END",
        "source_hash": f"substr(sha256(concat_ws('|', $secret, {source})), 1, 24)",
        "fingerprint": _fingerprint(),
        "own_id": "'c' || substr(sha256($secret || '|customer|' || account_id), 1, 24)",
        "spare_id": "'c' || substr(sha256($secret || '|customer|' || account_id || '|' || $night), 1, 24)",
    }
    chosen = ", ".join(f"{made[name]} AS {name}" for name in SCHEMA.names)
    with duckdb_engine.connect() as engine:
        engine.register("cleaned", cleaned)
        answer = engine.sql(f"SELECT {chosen} FROM cleaned", params={"secret": secret, "night": str(run_date)})
        return answer.to_arrow_table().cast(SCHEMA)


def _fingerprint() -> str:
    """A keyed hash of each field that says who it is, one after the other: tells whether one of them is as it was."""
    made = {name: name for name in FINGERPRINT}
    made |= {name: f"coalesce({name}_key, {name})" for name in ("given", "family")}
    made |= {"address": "street || '|' || coalesce(house, '') || '|' || coalesce(postcode, suburb, '')"}
    hashes = (f"substr(sha256($secret || '|{name}|' || ({sql})), 1, {PRINT_LENGTH})" for name, sql in made.items())
    return " || ".join(f"coalesce({one}, '{'-' * PRINT_LENGTH}')" for one in hashes)


def _either_order(one: str, other: str) -> str:
    """Two names, the smaller first; `least` of a NULL would be the name that is there."""
    ordered = f"least({one}, {other}) || ' ' || greatest({one}, {other})"
    return f"CASE WHEN {one} IS NOT NULL AND {other} IS NOT NULL THEN {ordered} END"
