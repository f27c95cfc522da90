"""A line belongs to the night that first took its file, however often the file is read again."""

from datetime import date, timedelta

import pyarrow as pa

from jobs.bronze.exports import first_nights
from lakehouse.files.read_parts import dated
from tests.bronze.conftest import NIGHT, Landed

BEFORE = NIGHT - timedelta(days=3)


def test_of_several_receipts_of_a_file_the_first_counts():
    events = [
        {"seq": 3, "path": "a", "file_id": "1", "run_date": NIGHT},
        {"seq": 1, "path": "a", "file_id": "1", "run_date": BEFORE},
        {"seq": 2, "path": "a", "file_id": "2", "run_date": date(2017, 10, 1)},
    ]
    assert first_nights(events) == {("a", "1"): BEFORE, ("a", "2"): date(2017, 10, 1)}


def test_lines_of_several_files_in_a_batch_each_have_their_night():
    batch = pa.record_batch({"_file_id": ["1", "2", "1", "1"], "_source_file": ["a", "a", "b", "a"]})
    nights = {("a", "1"): BEFORE, ("a", "2"): NIGHT, ("b", "1"): NIGHT}
    assert dated(batch, nights)["_run_date"].to_pylist() == [BEFORE, NIGHT, NIGHT, BEFORE]


def test_a_bronze_table_made_again_has_the_nights_of_its_files(landed: Landed):
    landed.export("shop", "csv", "{a: {}}")
    landed.land("shop", "csv", b"a\n1\n", ["a"], start=2, line=2, run_date=BEFORE)
    landed.land("shop", "csv", b"a\n2\n", ["a"], start=2, line=2, run_date=NIGHT)
    rows = landed.night().read("bronze.shop").select("a", "_run_date").collect()
    assert sorted(map(tuple, rows)) == [("1", BEFORE), ("2", NIGHT)]
