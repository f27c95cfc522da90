"""Bronze: every line of every new file once, as text, with its file and line."""

import io
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import functions as F

from lakehouse.files.tasks import Part, bins, columns_of
from tests.bronze.conftest import NIGHT, Landed

LINE = ("_source_line", "_malformed")


def rows(landed: Landed, table: str, *columns: str) -> list[tuple[object, ...]]:
    """The table's rows in order of file and line."""
    found = landed.lake().read(table).orderBy("_source_file", "_source_line")
    return [tuple(row) for row in found.select(*[f"`{name}`" for name in columns]).collect()]


def test_csv_files_of_other_column_orders_and_with_new_columns_meet_by_name(landed: Landed) -> None:
    landed.export("sales", "csv", "{id: {}, 商品 名: {}, note: {required: false}}")
    landed.land("sales", "csv", 'id,商品 名\n1,"茶\n壶"\nbroken\n2,茶\n'.encode(), ["id", "商品 名"], 14, 2)
    landed.land("sales", "csv", "New_Col,商品 名,id\nx,酒,3\n".encode(), ["New_Col", "商品 名", "id"], 22, 2)
    lake = landed.night()
    assert rows(landed, "bronze.sales", "id", "商品 名", "note", "New_Col", *LINE) == [
        ("1", "茶\n壶", None, None, 2, None),
        ("broken", None, None, None, 4, "broken"),
        ("2", "茶", None, None, 5, None),
        ("3", "酒", None, "x", 2, None),
    ]
    assert [row._run_date for row in lake.read("bronze.sales").select("_run_date").distinct().collect()] == [NIGHT]


def test_a_second_run_adds_nothing_and_the_next_night_only_its_new_files(landed: Landed) -> None:
    landed.export("sales", "csv", "{id: {}}")
    landed.land("sales", "csv", b"1\n2\n", ["id"])
    version = landed.night().version("bronze.sales")
    assert landed.night().version("bronze.sales") == version
    assert landed.night(date(2017, 10, 3)).version("bronze.sales") == version
    landed.land("sales", "csv", b"3\n", ["id"], run_date=date(2017, 10, 3))
    lake = landed.night(date(2017, 10, 3))
    assert rows(landed, "bronze.sales", "id", "_run_date") == [("1", NIGHT), ("2", NIGHT), ("3", date(2017, 10, 3))]
    assert lake.read("bronze.sales").select("_file_id").distinct().count() == 2


def test_json_keys_beyond_the_first_lines_get_their_columns(landed: Landed) -> None:
    landed.export("orders", "json_lines", "{order_id: {}, lines: {}}")
    text = '{"order_id": 7, "lines": [{"price": 1.10}]}\n\n{"ORDER_ID": "8", "late": true}\n[1]\n'
    landed.land("orders", "json_lines", text.encode(), ["order_id", "lines"])
    landed.night()
    assert rows(landed, "bronze.orders", "order_id", "lines", "late", *LINE) == [
        ("7", '[{"price": 1.10}]', None, 1, None),
        ("8", None, "true", 3, None),
        (None, None, None, 4, "[1]"),
    ]


def test_parquet_values_become_text_that_sql_reads_back(landed: Landed) -> None:
    out = io.BytesIO()
    table = pa.table(
        {
            "id": pa.array([1, 2], pa.int64()),
            "paid": pa.array([1.5, None]),
            "ok": pa.array([True, False]),
            "at": pa.array([datetime(2017, 1, 1, 11, 53, 26), None], pa.timestamp("ns")),
            "kind": pa.array(["a", "b"]).dictionary_encode(),
            "tags": pa.array([["x"], []], pa.list_(pa.string())),
        }
    )
    pq.write_table(table, out)
    landed.export("items", "parquet", "{id: {}, paid: {}, ok: {}, at: {}, kind: {}, tags: {}}")
    landed.land("items", "parquet", out.getvalue(), table.column_names)
    landed.night()
    assert rows(landed, "bronze.items", "id", "paid", "ok", "at", "kind", "tags", "_source_line") == [
        ("1", "1.5", "true", "2017-01-01 11:53:26", "a", '["x"]', 1),
        ("2", None, "false", None, "b", "[]", 2),
    ]


def test_files_without_lines_are_loaded_once(landed: Landed) -> None:
    landed.export("sales", "csv", "{id: {}}")
    landed.land("sales", "csv", b"", [])
    version = landed.night().version("bronze.sales")
    assert version is not None
    assert landed.night().version("bronze.sales") == version


def test_both_ways_of_loading_give_the_same_rows(landed: Landed) -> None:
    landed.export("sales", "csv", "{id: {}, note: {}}")
    landed.export("orders", "json_lines", "{order_id: {}}")
    found = []
    for value, megabytes in ((7, 1), (8, -1)):  # in this process, then by Spark
        landed.settings = landed.settings.model_copy(update={"embedded_megabytes": megabytes})
        landed.land("sales", "csv", f'1,"a\nb"\nx\n{value},c\n'.encode(), ["id", "note"], 0, 2)
        landed.land("orders", "json_lines", b'{"order_id": 1}\n{"late": %d}\n' % value, ["order_id"])
        landed.night()
        lake = landed.lake()
        new = [
            lake.read(t).where(F.col("_file_id") == landed.last[t]).drop("_file_id", "_source_file")
            for t in ("bronze.sales", "bronze.orders")
        ]
        found.append([sorted(map(str, table.collect())) for table in new])
        assert lake.version("bronze.sales") == len(found) - 1
    assert str(found[0]) == str(found[1]).replace("8", "7")


def test_a_later_append_shows_as_new_rows_to_those_who_read_changes(landed: Landed) -> None:
    landed.export("sales", "csv", "{id: {}}")
    landed.land("sales", "csv", b"1\n", ["id"])
    since = landed.night().version("bronze.sales")
    landed.land("sales", "csv", b"2,x\n", ["id", "more"])
    landed.night()
    new = landed.lake().new_rows("bronze.sales", since)
    assert [(row.id, row.more) for row in new.collect()] == [("2", "x")]


def test_personal_values_stay_out_of_the_tables_log(landed: Landed) -> None:
    landed.export("people", "csv", "{mail: {personal: true}}")
    landed.land("people", "csv", b"maria@mail.example\n", ["mail"])
    landed.night()
    log = (landed.folder / "lake/bronze/people/_delta_log").glob("*.json")
    assert "maria" not in "".join(file.read_text() for file in log)


def part(path: str, size: int, columns: tuple[str, ...] = ()) -> Part:
    return Part(path, path, path, columns, 0, -1, 1, size)


def test_parts_are_shared_out_to_tasks_of_about_equal_size() -> None:
    shares = bins([part(str(i), size) for i, size in enumerate([60, 10, 30, 20, 1])], target_bytes=61)
    assert sorted(sum(p.size for p in share) for share in shares) == [60, 61]


def test_columns_that_differ_by_case_are_one() -> None:
    assert columns_of([part("a", 1, ("ID", "x")), part("b", 1, ("X", "y"))], ["id"]) == ["id", "x", "y"]


def test_a_part_ends_where_the_next_begins(tmp_path: Path) -> None:
    from lakehouse.files.csv_lines import Dialect
    from lakehouse.files.read_parts import read_parts
    from lakehouse.files.tasks import Reading

    file = tmp_path / "a.csv"
    file.write_bytes(b"h\n1\n2\n3\n4\n")
    reading = Reading("csv", Dialect(",", '"', 10), ("h",), block_bytes=3)
    parts = [Part("f", "f", str(file), ("h",), start, end, line, 1) for start, end, line in [(2, 6, 2), (6, -1, 4)]]
    batches = list(read_parts(parts, reading, ["h"]))
    found = [(b["h"][i].as_py(), b["_source_line"][i].as_py()) for b in batches for i in range(b.num_rows)]
    assert found == [("1", 2), ("2", 3), ("3", 4), ("4", 5)]
