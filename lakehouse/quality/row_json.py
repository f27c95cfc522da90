"""Lists as JSON as Spark's to_json writes it, without a JVM."""

import pyarrow as pa

from lakehouse.sql import duckdb_engine

LEAST, MOST = 1e-3, 1e7  # doubles outside have an exponent in Java, which is Spark's to write


def of_lists(lists: pa.Array) -> pa.Array | None:
    """Lists of texts, or of structs of texts and numbers, as JSON; NULL where there is no list; None: Spark's alone."""
    item = _json("item", lists.type.value_type)
    if item is None:
        return None
    json = f"concat('[', array_to_string(list_transform(value, lambda item: {item}), ','), ']')"
    with duckdb_engine.connect(duckdb_engine.ONE_THREAD) as engine:
        engine.register("lists", pa.table({"value": lists}))
        json_texts = engine.sql(
            f"SELECT CASE WHEN value IS NOT NULL THEN {json} END AS json FROM lists"
        ).to_arrow_table()
    texts = json_texts["json"].combine_chunks()
    return None if any("\0" in text for text in texts.unique().to_pylist() if text) else texts


def _json(name: str, kind: pa.DataType) -> str | None:
    """SQL for one value; a double that Java writes otherwise becomes a character that no JSON has."""
    if pa.types.is_string(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return f"coalesce(CAST(to_json({name}) AS VARCHAR), 'null')"
    if pa.types.is_floating(kind):
        is_plain = f"{name} = 0 OR abs({name}) BETWEEN {LEAST} AND {MOST}"
        return f"CASE WHEN {name} IS NULL THEN 'null' WHEN {is_plain} THEN CAST({name} AS VARCHAR) ELSE chr(0) END"
    if not pa.types.is_struct(kind):
        return None
    fields = [(field.name, _json(f'{name}."{field.name}"', field.type)) for field in kind]
    if any(json is None for _, json in fields):
        return None
    known = ", ".join(f"""CASE WHEN {name}."{f}" IS NOT NULL THEN concat('"{f}":', {json}) END""" for f, json in fields)
    # Spark leaves out fields that are NULL
    some = f"concat('{{', array_to_string(list_filter([{known}], lambda field: field IS NOT NULL), ','), '}}')"
    return f"CASE WHEN {name} IS NULL THEN 'null' ELSE {some} END"
