"""Upkeep changes files, never rows."""

from jobs.upkeep.compaction import Settings, run
from tests.conftest import RUN_DATE


def test_compaction_joins_files_and_keeps_rows_and_old_versions(lake):
    schema = lake.contracts["gold.segments"].schema()
    for name in ("a", "b", "c"):
        values = [tuple(name if f.dataType.simpleString() == "string" else None for f in schema)]
        rows = lake.spark.createDataFrame(values, ", ".join(f"{f.name} {f.dataType.simpleString()}" for f in schema))
        rows = (
            rows.fillna({})
            if "since" not in rows.columns
            else rows.selectExpr(*[c if c != "since" else "date'2017-01-01' AS since" for c in rows.columns])
        )
        lake.publish("gold.segments", rows, RUN_DATE, mode="append")
    before = lake.version("gold.segments")

    run(lake, RUN_DATE, Settings(min_files=2, keep_hours=9600, checkpoint_after_commits=20))

    after = lake.for_job("reader", "h")
    assert after.read("gold.segments").count() == 3
    assert after.read("gold.segments", version=before).count() == 3
    assert len(after.read("gold.segments").inputFiles()) == 1
