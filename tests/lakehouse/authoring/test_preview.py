"""Previews without Spark agree with what Spark would make of the same expressions."""

from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from lakehouse.authoring import preview
from lakehouse.authoring.preview.reading import encoding_of
from lakehouse.config.exports import Account, Explode, Export, ExportColumn, Target
from lakehouse.sql import spark_dates
from lakehouse.sql.dialect import json_structure


def csv_export(columns: dict[str, ExportColumn], **more: object) -> Export:
    """An export of CSV files with these columns."""
    return Export(
        **{"export": "x", "channel": "x", "files": "x", "format": "csv", "columns": columns, "targets": ()} | more
    )


def value(sql: str, **columns: str | None) -> object:
    """What an expression gives for one line."""
    export = csv_export({name: ExportColumn() for name in columns})
    lines = pa.table({name: pa.array([text], pa.string()) for name, text in columns.items()} | {"_source_line": [1]})
    made = preview.mapped(lines, export, Target(table="silver.orders", columns={"one": sql}))
    return made.rows["one"][0].as_py()


@pytest.mark.parametrize(
    ("sql", "text", "expected"),
    [
        ("cents(x)", " 12.345 ", None),  # twelve thousand, or twelve and a third
        ("cents(CAST(x AS DECIMAL(18, 3)))", " 12.345 ", 1235),
        ("cents(x)", "0.125", 13),
        ("cents(x)", "-0.005", -1),
        ("cents(x)", "n/a", None),
        ("cents(x)", "8.881784197001252e-16", 0),
        ("number(x)", "1.5", Decimal("1.500")),
        ("clean(x)", "  ", None),
        ("try_to_timestamp(x)", "2017-01-01T12:26:30+02:00", datetime(2017, 1, 1, 10, 26, 30)),
        ("try_to_timestamp(x)", "soon", None),
        ("CAST(try_to_timestamp(x, 'yyyyMMdd') AS DATE)", "19760824", date(1976, 8, 24)),
        ("CAST(try_to_timestamp(x, 'yyyyMMdd') AS DATE)", "19761324", None),
        ("try_to_date(x, 'dd.MM.yyyy')", "3.4.2020", None),  # two digits are asked for
        ("try_to_date(x, 'd.M.yyyy')", "3.4.2020", date(2020, 4, 3)),
        ("to_utc_timestamp(try_to_timestamp(x), 'Europe/Berlin')", "2020-07-01 12:00:00", datetime(2020, 7, 1, 10)),
        ("date_format(try_to_timestamp(x), 'yyyy-MM')", "2020-07-01", "2020-07"),
        ("timestamp_seconds(try_cast(x AS BIGINT))", "1700000000", datetime(2023, 11, 14, 22, 13, 20)),
        ("concat('a:', x)", None, None),
        ("concat_ws('-', x, 'b')", None, "b"),
        ("split(x, ',')[1]", "a,b", "b"),
        ("try_element_at(split(trim(x), '[ \\t]+'), 2)", " a   b ", "b"),
        ("regexp_extract(x, '([0-9]+)', 1)", "no 42", "42"),
        ("regexp_replace(x, '[^0-9.]', '')", "$ 4.20", "4.20"),
        ("substring_index(x, ':', 1)", "a:b:c", "a"),
        ("left(sha2(x, 256), 8)", "abc", "ba7816bf"),
        ("json_array_length(x)", "[1, 2]", 2),
        (
            "aggregate(from_json(x, 'ARRAY<STRUCT<p: STRING>>'), 0L, (t, l) -> t + cents(l.p))",
            '[{"p": 1.10}, {"p": "2"}]',
            310,
        ),
        ("transform(split(x, ','), y -> upper(y))", "a,b", ["A", "B"]),
        ("from_json(x, 'ARRAY<STRUCT<p: STRING>>')", "[{", None),
        ("CASE WHEN x LIKE 'C%' THEN 'cancellation' END", "C12", "cancellation"),
        ("contains(x, '@')", "a@b", True),
    ],
)
def test_expressions_of_stewards(sql, text, expected):
    assert value(sql, x=text) == expected


def test_what_duckdb_cannot_compute_says_so_and_the_rest_is_shown():
    export = csv_export({"x": ExportColumn()})
    lines = pa.table({"x": ["a"], "_source_line": [1]})
    made = preview.mapped(lines, export, Target(table="silver.orders", columns={"a": "soundex(x)", "b": "upper(x)"}))
    assert made.rows.to_pylist() == [{"a": preview.NEEDS_SPARK, "b": "A", "_source_line": 1}]
    assert made.needs_spark == ("a",)


def test_groups_rules_flags_accounts_and_elements():
    columns = {name: ExportColumn() for name in ("no", "who", "lines")}
    export = csv_export(columns, channel="shop", account=Account(key="who"))
    lines = pa.table(
        {
            "no": ["1", "1", "2", "3"],
            "who": ["a", "a", " ", "c"],
            "lines": ['[{"p": "1"}, {"p": "2"}]', '[{"p": "3"}]', '[{"p": "9"}]', None],
            "_source_line": [2, 3, 4, 5],
        }
    )
    target = Target(
        table="silver.orders",
        columns={"order_id": "concat('shop:', no)", "total_cents": "sum(cents(line.p))"},
        where="no <> '3'",
        discard={"too_dear": "cents(line.p) > 800"},
        explode=Explode(column="lines", schema_="ARRAY<STRUCT<p: STRING>>", as_="line"),
        group_by=("no",),
        flags={"several": "total_cents > 500"},
    )
    made = preview.mapped(lines, export, target, {"total_cents": "BIGINT"})
    assert made.rows.to_pylist() == [
        {"account_id": "shop:a", "order_id": "shop:1", "total_cents": 600, "_source_line": 2}
    ]
    assert made.left_out == {"not_for_target": 0, "too_dear": 1}
    assert made.flags == {"several": 1}


@pytest.mark.parametrize("inner", ['[{"p":"x"},{"p":"y"}]', '{"p":"x"}'], ids=["several", "one"])
def test_a_list_under_a_key_is_exploded_and_one_element_is_a_list_of_one(inner):
    lines = pa.table({"items": [f'{{"data":{inner}}}'], "_source_line": [1]})
    explode = Explode(column="items", path="data", schema_="ARRAY<STRUCT<p: STRING>>", as_="line")
    target = Target(table="silver.order_lines", columns={"product_id": "line.p"}, explode=explode)

    made = preview.mapped(lines, csv_export({"items": ExportColumn()}), target)

    assert made.rows["product_id"].to_pylist() == ["x", "y"][: inner.count('"p"')]


def test_a_file_is_read_as_a_night_reads_it(tmp_path):
    path = tmp_path / "f.csv"
    path.write_bytes('\ufeff编号;名\n1;"a;\nb"\nbroken\n2;c\n'.encode("gb18030"))
    columns = {"编号": ExportColumn(), "名": ExportColumn(), "z": ExportColumn(required=False)}
    export = csv_export(columns, encoding="gb18030", delimiter=";")
    found = preview.lines(path, export)
    assert found.table.select(["编号", "名", "_source_line"]).to_pylist() == [
        {"编号": "1", "名": "a;\nb", "_source_line": 2},
        {"编号": "2", "名": "c", "_source_line": 5},
    ]
    assert found.malformed == (4,)
    strict = csv_export({**columns, "z": ExportColumn()}, encoding="gb18030", delimiter=";")
    with pytest.raises(ValueError, match="required columns are not there: z"):
        preview.lines(path, strict)


def test_a_long_file_is_cut_at_its_last_whole_line_in_any_encoding(tmp_path):
    for encoding in ("utf-8", "utf-16", "gb18030"):
        path = tmp_path / encoding
        path.write_bytes("".join(f"{i},茶叶\n" for i in range(1000)).encode(encoding))
        text = preview.decoded(path, encoding, most=1001)
        assert text.endswith(",茶叶\n")


def test_encodings_are_told_apart():
    assert encoding_of("naïve café\n".encode() * 20) == "utf-8"
    assert encoding_of(("订单编号,会员号,商品名称\n" * 20).encode("gb18030")) == "gb18030"
    assert encoding_of(("Größe;Straße;Café\n" * 20).encode("cp1252")) == "cp1252"
    assert encoding_of("a,b\n".encode("utf-16")) == "utf-16"


def test_spark_date_patterns_are_read_as_spark_reads_them():
    assert spark_dates.timestamp("1/12/10 8:26", "d/M/yy H:mm") == datetime(2010, 12, 1, 8, 26)
    assert spark_dates.timestamp("01-Dec-2010", "dd-MMM-yyyy") == datetime(2010, 12, 1)
    assert spark_dates.timestamp("12/1/2010 12:05 AM", "M/d/yyyy h:mm a") == datetime(2010, 12, 1, 0, 5)
    assert spark_dates.timestamp("2010-12-01T08:26:00+0100", "yyyy-MM-dd'T'HH:mm:ssXX") == datetime(2010, 12, 1, 7, 26)
    assert spark_dates.timestamp("20101", "yyyyMMdd") is None
    assert spark_dates.timestamp("2010-02-30") is None


def test_json_structures():
    assert json_structure("ARRAY<STRUCT<a: STRING, b: ARRAY<INT>>>") == [{"a": "TEXT", "b": ["INT"]}]


def test_local_times_are_of_the_exports_zone_and_a_sum_is_whole_or_nothing(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text(
        "no,at,tz,paid\n1,2024-03-01 09:00:00,PST,1.00\n2,2024-03-01 09:00:00,CET,1\n2,2024-03-01 09:00:00,CET,x\n"
    )
    columns = {name: ExportColumn() for name in ("no", "at", "tz", "paid")}
    export = csv_export(columns, zone="tz")
    written = {"order_id": "no", "ordered_at": "min(try_to_timestamp(at))", "total_cents": "sum(cents(paid))"}
    target = Target(table="silver.orders", columns=written, group_by=("no",))

    rows = preview.mapped(preview.lines(path, export).table, export, target, {"ordered_at": "TIMESTAMP"}).rows

    assert rows.select(["order_id", "ordered_at", "total_cents"]).to_pylist() == [
        {"order_id": "1", "ordered_at": datetime(2024, 3, 1, 17), "total_cents": 100},
        {"order_id": "2", "ordered_at": datetime(2024, 3, 1, 8), "total_cents": None},
    ]


@pytest.mark.parametrize("type_", ["DATE", "TIMESTAMP"])
@pytest.mark.parametrize("text", ["infinity", "-Infinity", "0044-03-15 (BC)", "12024-01-01"])
def test_what_duckdb_alone_takes_for_a_day_is_none(text, type_):
    lines = pa.table({"x": [text, "2024-01-02"], "_source_line": [1, 2]})
    target = Target(table="silver.campaigns", columns={"day": "x"})
    made = preview.mapped(lines, csv_export({"x": ExportColumn()}), target, {"day": type_})
    known = date(2024, 1, 2) if type_ == "DATE" else datetime(2024, 1, 2)

    assert [row["day"] for row in made.rows.to_pylist()] == [None, known]
