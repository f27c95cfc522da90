"""Lists and maps as JSON as Spark's to_json writes it, without a JVM."""

import pyarrow as pa
import pyarrow.compute as pc

from lakehouse.sql import duckdb_engine

# Java writes doubles between these plainly, and others with an exponent; both the shortest way that reads back. Beyond
# the last two an older Java has a digit too many now and then: these numbers are Spark's to write.
LEAST_PLAIN, LEAST_NOT_PLAIN = 1e-3, 1e7
LEAST, MOST = 1e-290, 1e15
UNKNOWN = "\0"  # no JSON has it unescaped
JAVAS = """
CREATE OR REPLACE TEMP MACRO digits_of(text) AS
    regexp_replace(replace(regexp_replace(text, 'e.*$', ''), '.', ''), '^0+|0+$', '', 'g');
CREATE OR REPLACE TEMP MACRO exponent_of(text) AS CASE
    WHEN contains(text, 'e') THEN CAST(regexp_extract(text, 'e(.*)$', 1) AS INTEGER)
    WHEN starts_with(text, '0.') THEN -1 - length(regexp_extract(text, '^0[.](0*)', 1))
    ELSE strpos(text, '.') - 2 END;
CREATE OR REPLACE TEMP MACRO with_exponent(digits, exponent) AS
    concat(digits[1], '.', CASE WHEN length(digits) > 1 THEN digits[2:] ELSE '0' END, 'E', exponent);
CREATE OR REPLACE TEMP MACRO javas(number) AS concat(CASE WHEN number < 0 THEN '-' ELSE '' END, with_exponent(
    digits_of(CAST(abs(number) AS VARCHAR)), exponent_of(CAST(abs(number) AS VARCHAR))));
"""


def of_nested(values: pa.Array) -> pa.Array | None:
    """Lists or maps of texts, numbers or structs of them as JSON; NULL where there is none; None: Spark's alone.

    A map is a list of its entries, ordered by their keys. All items are written at once, then put together.
    """
    is_map = pa.types.is_map(values.type)
    if not is_map and not pc.any(pc.greater(pc.list_value_length(values), 0)).as_py():  # flags: nearly always none
        return pc.if_else(pc.is_valid(values), "[]", None)
    ends, items = _ordered(values) if is_map else (_ends(values), values.flatten())
    json = _json("item", items.type)
    if json is None:
        return None
    texts = _texts(items, json)
    if pc.any(pc.match_substring(texts, UNKNOWN)).as_py():
        return None
    whole = pc.binary_join(pa.ListArray.from_arrays(ends, texts), ",")
    return pc.if_else(pc.is_valid(values), pc.binary_join_element_wise("[", whole, "]", ""), None)


def _ends(values: pa.Array) -> pa.Array:
    """Where each list's items begin among all items, and the end; what is NULL has none."""
    lengths = pc.fill_null(pc.list_value_length(values), 0)
    return pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths.cast(pa.int32()))])


def _ordered(values: pa.MapArray) -> tuple[pa.Array, pa.Array]:
    """The entries of maps as items, each map's by its keys."""
    kind = pa.struct([("key", values.type.key_type), ("value", values.type.item_type)])
    entries = values.cast(pa.list_(kind))
    items, ends = entries.flatten(), _ends(entries)
    keyed = pa.table({"of": pc.list_parent_indices(entries), "key": items.field(0)})
    return ends, items.take(pc.sort_indices(keyed, sort_keys=[("of", "ascending"), ("key", "ascending")]))


def _texts(items: pa.Array, json: str) -> pa.Array:
    engine = duckdb_engine.kept()
    if "javas(" in json:
        engine.execute(JAVAS)
    engine.register("items", pa.table({"item": items}))
    found = engine.sql(f"SELECT {json} AS json FROM items").to_arrow_table()["json"]
    engine.unregister("items")
    return found.combine_chunks().cast(pa.string())


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
    some = f"concat('{{', concat_ws(',', {known}), '}}')"  # it leaves out fields that are NULL, as Spark does
    return f"CASE WHEN {name} IS NULL THEN 'null' ELSE {some} END"


def _number(name: str, is_double: bool) -> str:
    is_plain = f"{name} = 0 OR (abs({name}) >= {LEAST_PLAIN} AND abs({name}) < {LEAST_NOT_PLAIN})"
    others = f" WHEN abs({name}) BETWEEN {LEAST} AND {MOST} THEN javas({name})" if is_double else ""
    return f"CASE WHEN {name} IS NULL THEN 'null' WHEN {is_plain} THEN CAST({name} AS VARCHAR){others} ELSE chr(0) END"
