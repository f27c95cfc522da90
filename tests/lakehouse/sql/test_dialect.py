"""Statements that mean the same in both engines."""

from datetime import datetime

import pyarrow as pa
import pytest

from tests.both_engines import answers

NOON = datetime(2026, 7, 1, 12)


@pytest.mark.parametrize(
    ("zone", "local"),
    [
        ("Asia/Shanghai", datetime(2026, 7, 1, 20)),
        ("America/New_York", datetime(2026, 7, 1, 8)),
        ("UTC", NOON),
    ],
)
def test_an_instant_has_the_same_local_time_in_both_engines(spark, zone, local):
    """East of Greenwich it is later, west of it earlier, and back again it is the instant."""
    instants = pa.table({"at": [NOON]})
    there = f"from_utc_timestamp(at, '{zone}')"
    columns = f"CAST({there} AS STRING), CAST(to_utc_timestamp({there}, '{zone}') AS STRING)"
    rows = answers(spark, f"SELECT {columns} FROM {{instants}}", instants=instants)
    assert rows == [(f"{local}", f"{NOON}")]
