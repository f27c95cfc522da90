"""No file is a poison pill: what one file holds stops neither its export nor the others, tonight or later."""

import io
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakehouse.ops import tables as ops_tables
from tests.bronze.conftest import NIGHT, Landed

CSV = b"a,b\n1,2\n"


def parquet(rows: int = 2000) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"a": [f"v{n}" for n in range(rows)]}), buffer)
    return buffer.getvalue()


def corrupt(content: bytes) -> bytes:
    """Bytes within the first page are other ones; the footer, which landing reads, is whole."""
    return content[:100] + bytes(255 - byte for byte in content[100:400]) + content[400:]


@pytest.fixture
def company(landed: Landed) -> Landed:
    landed.export("shop", "csv", "{a: {}, b: {}}")
    landed.export("list", "parquet", "{a: {}}")
    return landed


def land_csv(company: Landed, content: bytes = CSV, **more: object) -> None:
    company.land("shop", "csv", content, ["a", "b"], start=4, line=2, bytes=len(content), modified_ns=7, **more)


def land_parquet(company: Landed, content: bytes) -> None:
    company.land("list", "parquet", content, ["a"], bytes=len(content), modified_ns=7)


def count(company: Landed, table: str) -> int:
    return company.lake().read(table).count()


def refused(company: Landed) -> list[tuple[str, str, int]]:
    rows = ops_tables.read(company.lake().path("ops.files"))
    return [(row["path"], row["reason"], row["modified_ns"]) for row in rows if row["state"] == "refused"]


@pytest.mark.parametrize("whole_first", [True, False])
def test_a_corrupt_page_is_set_aside_and_all_else_comes_in(company, whole_first):
    land_csv(company)
    if whole_first:
        land_parquet(company, parquet(500))
    land_parquet(company, corrupt(parquet()))
    if not whole_first:
        land_parquet(company, parquet(500))
    company.night()

    assert (count(company, "bronze.shop"), count(company, "bronze.list")) == (1, 500)
    ((_, reason, modified_ns),) = refused(company)
    assert reason.startswith("its content cannot be read")
    assert modified_ns == 7  # as it lies in the drop zone it is decided on


def test_the_nights_after_go_on_and_do_not_look_at_it_again(company):
    land_parquet(company, corrupt(parquet()))
    company.night()
    land_parquet(company, parquet(300))
    company.night(NIGHT + timedelta(days=1))
    company.night(NIGHT + timedelta(days=2))

    assert count(company, "bronze.list") == 300
    assert len(refused(company)) == 1


@pytest.mark.parametrize("hurt", [Path.unlink, lambda path: path.write_bytes(b"a,")])
def test_a_lost_landed_copy_is_set_aside_and_may_come_again(company, hurt):
    land_csv(company)
    land_csv(company, b"a,b\n3,4\n5,6\n")
    hurt(company.folder / "lake" / "landing" / f"{company.last['bronze.shop']}.csv")
    company.night()

    assert count(company, "bronze.shop") == 1
    ((_, reason, modified_ns),) = refused(company)
    assert "landed copy is gone" in reason
    assert modified_ns == -1  # landing looks at it again

    land_csv(company, b"a,b\n3,4\n5,6\n")
    company.night(NIGHT + timedelta(days=1))
    assert count(company, "bronze.shop") == 3


def test_a_file_of_thousands_of_columns_is_set_aside(company):
    company.land("list", "parquet", parquet(), [f"c{n}" for n in range(5000)], bytes=1, modified_ns=7)
    land_parquet(company, parquet(300))
    company.night()

    assert count(company, "bronze.list") == 300
    assert "columns that the export does not list" in refused(company)[0][1]


def test_what_is_no_files_fault_stops_the_job_with_its_own_error(company, monkeypatch):
    land_csv(company)

    def full(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("jobs.bronze.exports.append_here", full)
    with pytest.raises(OSError, match="no space left"):
        company.night()
    assert refused(company) == []
