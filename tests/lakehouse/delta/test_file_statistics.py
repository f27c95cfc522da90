"""The bounds of a file for a table's log come from its footer, and never cut off a value that is there."""

from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import file_statistics

LONG = "x" * 40


def test_each_row_group_counts_and_long_texts_keep_all_values_between_their_bounds(tmp_path):
    rows = pa.table(
        {
            "n": [3, None, -7],
            "text": ["b", LONG, "a"],
            "day": [date(2024, 1, 2), date(2023, 5, 6), None],
            "share": [0.5, float("nan"), 1.0],
            "flags": [["f"], [], None],
        }
    )
    pq.write_table(rows, tmp_path / "a.parquet", row_group_size=1)

    stats = file_statistics.of(tmp_path / "a.parquet", [*rows.column_names, "not_there"])

    assert stats["numRecords"] == 3
    assert stats["nullCount"] == {"n": 1, "text": 0, "day": 1, "share": 0}
    assert stats["minValues"] == {"text": "a"}  # of a group without values nothing is known
    assert stats["maxValues"]["text"] > LONG
    pq.write_table(rows, tmp_path / "b.parquet")
    whole = file_statistics.of(tmp_path / "b.parquet", rows.column_names)
    assert whole["minValues"] == {"n": -7, "text": "a", "day": "2023-05-06"}
    assert (whole["maxValues"]["n"], whole["maxValues"]["day"]) == (3, "2024-01-02")


@pytest.mark.parametrize(
    ("configuration", "columns"),
    [
        ({"delta.dataSkippingStatsColumns": "order_id, line_number"}, ["order_id", "line_number"]),
        ({"delta.dataSkippingNumIndexedCols": "4"}, ["order_id", "line_number", "channel"]),  # account_id is personal
    ],
)
def test_no_statistics_of_personal_columns_are_kept_but_where_the_table_asks_for_them(configuration, columns):
    assert file_statistics.columns(configuration, Contracts(Conf())["silver.order_lines"]) == columns
