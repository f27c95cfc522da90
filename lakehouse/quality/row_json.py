"""Lists and maps as JSON as Spark's to_json writes it, without a JVM."""

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from lakehouse.sql import duckdb_engine

# Java writes doubles between these plainly, and others with an exponent; both the shortest way that reads back. Beyond
# the last two an older Java has a digit too many now and then: these numbers are Spark's to write.
LEAST_PLAIN, LEAST_NOT_PLAIN = 1e-3, 1e7
LEAST, MOST = 1e-290, 1e15
JAVAS = """
CREATE TEMP MACRO digits_of(text) AS
    regexp_replace(replace(regexp_replace(text, 'e.*$', ''), '.', ''), '^0+|0+$', '', 'g');
CREATE TEMP MACRO exponent_of(text) AS CASE
    WHEN contains(text, 'e') THEN CAST(regexp_extract(text, 'e(.*)$', 1) AS INTEGER)
    WHEN starts_with(text, '0.') THEN -1 - length(regexp_extract(text, '^0[.](0*)', 1))
    ELSE strpos(text, '.') - 2 END;
CREATE TEMP MACRO with_exponent(digits, exponent) AS
    concat(digits[1], '.', CASE WHEN length(digits) > 1 THEN digits[2:] ELSE '0' END, 'E', exponent);
CREATE TEMP MACRO javas(number) AS concat(CASE WHEN number < 0 THEN '-' ELSE '' END, with_exponent(
    digits_of(CAST(abs(number) AS VARCHAR)), exponent_of(CAST(abs(number) AS VARCHAR))));
"""


def of_nested(values: pa.Array) -> pa.Array | None:
    """Lists or maps of texts, numbers or structs of them as JSON; NULL where there is none; None: Spark's alone.

    A map is a list of its entries, ordered by their keys.
    """
    is_map = pa.types.is_map(values.type)
    if not is_map and not pc.any(pc.greater(pc.list_value_length(values), 0)).as_py():  # flags: nearly always none
        return pc.if_else(pc.is_valid(values), "[]", None)
    entry = [("key", values.type.key_type), ("value", values.type.item_type)] if is_map else []
    item = _json("item", pa.struct(entry) if is_map else values.type.value_type)
    if item is None:
        return None
    items = "list_sort(map_entries(value))" if is_map else "value"
    json = f"concat('[', array_to_string(list_transform({items}, lambda item: {item}), ','), ']')"
    with duckdb_engine.connect(duckdb_engine.ONE_THREAD) as engine:
        engine.execute(JAVAS)
        texts = _texts(engine, values, json)
    return None if any("\0" in text for text in texts.unique().to_pylist() if text) else texts


def _texts(engine: duckdb.DuckDBPyConnection, values: pa.Array, json: str) -> pa.Array:
    engine.register("nested", pa.table({"value": values}))
    found = engine.sql(f"SELECT CASE WHEN value IS NOT NULL THEN {json} END AS json FROM nested")
    return found.to_arrow_table()["json"].combine_chunks()


def _json(name: str, kind: pa.DataType) -> str | None:
    """SQL for one value; a double that Java may write otherwise becomes a character that no JSON has."""
    if pa.types.is_string(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return f"coalesce(CAST(to_json({name}) AS VARCHAR), 'null')"
    if pa.types.is_floating(kind):
        return _number(name, pa.types.is_float64(kind))
    if not pa.types.is_struct(kind):
        return None
    fields = [(field.name, _json(f'{name}."{field.name}"', field.type)) for field in kind]
    if any(json is None for _, json in fields):
        return None
    known = ", ".join(f"""CASE WHEN {name}."{f}" IS NOT NULL THEN concat('"{f}":', {json}) END""" for f, json in fields)
    # Spark leaves out fields that are NULL
    some = f"concat('{{', array_to_string(list_filter([{known}], lambda field: field IS NOT NULL), ','), '}}')"
    return f"CASE WHEN {name} IS NULL THEN 'null' ELSE {some} END"


def _number(name: str, is_double: bool) -> str:
    is_plain = f"{name} = 0 OR (abs({name}) >= {LEAST_PLAIN} AND abs({name}) < {LEAST_NOT_PLAIN})"
    others = f" WHEN abs({name}) BETWEEN {LEAST} AND {MOST} THEN javas({name})" if is_double else ""
    return f"CASE WHEN {name} IS NULL THEN 'null' WHEN {is_plain} THEN CAST({name} AS VARCHAR){others} ELSE chr(0) END"
