"""Reading a lake in the identity tests."""

from pyspark.sql import functions as F

from lakehouse.lake.lake import Lake


def ids(lake: Lake) -> dict[str, str]:
    """account_id -> customer_id of the map as it is now."""
    rows = lake.for_job("test", "hash-1").read("identity.customer_map").select("account_id", "customer_id").collect()
    return {row.account_id: row.customer_id for row in rows}


def counted(lake: Lake, table: str, column: str) -> dict[object, int]:
    """How many rows a table has by one column."""
    rows = lake.for_job("test", "hash-1").read(table).groupBy(column).agg(F.count("*").alias("n")).collect()
    return {row[0]: row.n for row in rows}
