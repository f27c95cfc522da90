"""Catalog names point to the lake's paths; the shell has them."""

from lakehouse.lake import catalog
from lakehouse.lake.lake import Lake
from tests.conftest import RUN_DATE


def test_tables_are_found_by_name_and_registering_again_changes_nothing(lake: Lake) -> None:
    lake.publish("gold.segments", lake.empty("gold.segments"), RUN_DATE)

    for _ in range(2):
        names = catalog.register(lake, ["gold.segments", "gold.customer_rfm"], "test_catalog_")

    assert names == ["test_catalog_gold.segments"]
    assert lake.spark.table("test_catalog_gold.segments").columns == lake.read("gold.segments").columns
    lake.spark.sql("DROP TABLE test_catalog_gold.segments")
    assert lake.exists("gold.segments")
    lake.spark.sql("DROP SCHEMA test_catalog_gold")
