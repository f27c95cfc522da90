"""Files and configuration that mean harm are refused or harmless, whatever they say of themselves."""

import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakehouse.config.documents import read_document
from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError
from lakehouse.files import parquet_rows
from lakehouse.files.read_parts import read_parts
from lakehouse.files.spec import ColumnSpec, FileSpec
from lakehouse.files.tasks import Part, reading_of
from lakehouse.sql import expressions
from tests.landing.conftest import Company

PARQUET = FileSpec("parquet", (ColumnSpec("order_id"), ColumnSpec("city")))


def parquet(**columns: list[str]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def batches(path: Path) -> list[pa.RecordBatch]:
    part = Part("id", "x", str(path), ("order_id", "city"), 0, -1, 1, 1)
    return list(read_parts([part], reading_of(PARQUET, 4, 1000), ["order_id", "city"]))


def test_a_parquet_file_that_unpacks_to_thousands_of_times_its_size_is_refused(company: Company) -> None:
    company.export(
        "people",
        "",
        "export: {name}\nchannel: web\nfiles: '{name}_*'\nformat: parquet\n"
        "columns: {{order_id: {{}}, city: {{}}}}\ntargets: []\n{more}",
    )
    rows = [str(n).zfill(8) + "0" * 20_000 for n in range(150)]
    company.drop("2017-10-01/people_1.parquet", parquet(order_id=rows, city=["x"] * 150))
    (event,) = company.night(ratio_counts_from_megabytes=1, max_expansion_ratio=20)
    assert (event["state"], "times its size" in event["reason"]) == ("refused", True)


def test_one_long_value_in_many_rows_is_read_in_small_pieces(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(parquet(order_id=["0" * (1 << 20)] * 300, city=["x"] * 300))
    made = batches(path)
    assert path.stat().st_size < 1 << 20  # the file says little of what it expands to
    assert max(batch.nbytes for batch in made) <= parquet_rows.MOST_BYTES + (2 << 20)
    assert [line for batch in made for line in batch.column("_source_line").to_pylist()] == list(range(1, 301))


def test_a_row_larger_than_any_exports_is_an_error_of_its_file_alone(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(parquet_rows, "MOST_BYTES", 1000)
    monkeypatch.setattr(parquet_rows, "MOST_VALUE_BYTES", 500)
    path = tmp_path / "x.parquet"
    path.write_bytes(parquet(order_id=["0" * 600] * 3, city=["x"] * 3))
    with pytest.raises(parquet_rows.TooLargeError):
        batches(path)


@pytest.mark.parametrize(
    "text",
    [
        "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)),
        "a: &a [*a]\n",
        "a: &a {b: *a}\n",
        "a: " + "[" * 5000 + "]" * 5000 + "\n",
    ],
    ids=["a billion laughs", "a list in itself", "a mapping in itself", "nested without end"],
)
def test_yaml_that_grows_without_end_is_a_plain_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(ConfigError):
        read_document(tmp_path / "x.yaml")


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system ['touch /tmp/x']",
        "!!python/name:os.system",
        "!ruby/object:X {}",
        "!!binary '='",
    ],
)
def test_tags_make_no_objects(tmp_path: Path, tag: str) -> None:
    (tmp_path / "x.yaml").write_text(f"a: {tag}\n")
    try:
        value = read_document(tmp_path / "x.yaml").value["a"]
    except ConfigError:
        return
    assert type(value) in (str, list, dict, bytes)


def test_an_archives_members_land_nowhere_but_in_the_lake(company: Company) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("../../orders_1.csv", "/etc/orders_2.csv", "..\\orders_3.csv", "a/../../orders_4.csv"):
            archive.writestr(name, "order_id,city\n1,a\n")
    company.drop("2017-10-01/all.zip", out.getvalue())
    company.night()
    written = {path.parent.name for path in company.folder.rglob("*") if path.is_file() and "orders_" in path.name}
    assert written == set()
    assert {path.name for path in company.folder.iterdir()} <= {"drop", "conf", "lake", "var", "mlflow.db"}


VERBS = ("DROP TABLE x", "DELETE FROM silver.orders", "INSERT INTO x VALUES (1)", "UPDATE x SET a = 1", "SELECT 1")
PLACES = (
    "{}",
    "1; {}",
    "1); {}; --",
    "city || ({}) || city",
    "(SELECT * FROM ({}))",
    "city /* */ ; {}",
    "city\n; {}",
    "`city`; {}",
)
REACHING = (
    "reflect('java.lang.Runtime', 'getRuntime')",
    "java_method('java.lang.System', 'exit', 1)",
    "read_files('/etc/passwd')",
    "current_user()",
    "input_file_name()",
    "(SELECT count(*) FROM silver.orders)",
    "EXISTS (SELECT 1)",
    "city IN (SELECT 1)",
    "ai_query('x', city)",
    "http_request('http://x')",
    "pg_read_file('/etc/passwd')",
    "read_text('/etc/passwd')",
    "read_csv_auto('/etc/passwd')",
    "getenv('HOME')",
    "system('id')",
    "load_extension('x')",
    "try_reflect('a', 'b')",
    "secret('a', 'b')",
    "session_user()",
    "raise_error(city)",
    "java_method(city, city)",
    "query('SELECT 1')",
    "query_table('x')",
    "glob('/etc/*')",
    "parquet_scan('/x')",
    "shellfs('id')",
    "uuid()",
)
PAYLOADS = (
    [place.format(verb) for verb in VERBS for place in PLACES]
    + [
        place.format(call)
        for call in REACHING
        for place in ("{}", "concat(city, {})", "CASE WHEN city = '' THEN {} END")
    ]
    + [f"{name}(city)" for name in ("reflect", "REFLECT", "`reflect`", "ReFlEcT", "java_method", "JAVA_METHOD")]
    + [
        wrapped
        for call in REACHING[:16]
        for wrapped in (
            f"coalesce(NULL, {call})",
            f"transform(array(1), x -> {call})",
            f"({call})",
            f"{call} /* city */",
            f"nullif({call}, city)",
        )
    ]
)


def test_there_are_two_hundred_payloads() -> None:
    assert len(set(PAYLOADS)) >= 200


@pytest.mark.parametrize("payload", sorted(set(PAYLOADS)))
def test_an_expression_that_reaches_beyond_its_row_is_refused(payload: str) -> None:
    with pytest.raises(ConfigError):
        expressions.expand(payload)


NAMES = (
    "x'; DROP TABLE y; --.csv",
    'x"; DROP TABLE y; --.csv',
    "x`; SELECT 1; `.csv",
    "x{a}.csv",
    "x${HOME}.csv",
    "x%s%n.csv",
    "<script>alert(1)</script>.csv".replace("/", "_"),
    "=cmd|x!A1.csv",
    "x *?[].csv",
    "x\u202egnp.csv",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_files_name_is_a_name_and_nothing_else(company: Company, name: str) -> None:
    company.drop(f"2017-10-01/orders_{name}", b"order_id,city\n1,a\n")
    (event,) = company.night()
    assert event["state"] in ("received", "refused")
    assert event["path"].startswith("2017-10-01/orders_")


def test_a_columns_name_is_a_name_and_nothing_else(company: Company) -> None:
    header = 'order_id,city,"x\'; DROP TABLE y; --",`z`,<script>,=1+1,a.b,../c\n'
    company.drop("2017-10-01/orders_1.csv", (header + "1,a,b,c,d,e,f,g\n").encode())
    (event,) = company.night()
    assert (event["state"], len(event["columns"])) == ("received", 8)


def test_five_thousand_columns_and_a_cell_of_ten_megabytes_are_read(company: Company) -> None:
    wide = "order_id,city," + ",".join(f"c{n}" for n in range(5000)) + "\n" + "1,a" + ",1" * 5000 + "\n"
    company.drop("2017-10-01/orders_1.csv", wide.encode())
    company.drop("2017-10-01/orders_2.csv", b"order_id,city\n1," + b"x" * (10 << 20) + b"\n")
    assert {event["state"] for event in company.night()} == {"received"}


def test_the_layers_of_a_configuration_are_read_as_before() -> None:
    assert Conf().document("landing").value["max_members"] == 1000
