"""Names for the tables in the session's catalog: Hive metastore or Unity Catalog on a cluster, memory on one machine.

The lake is path-based; a name only points to a path, so registering again changes nothing.
"""

from collections.abc import Iterable

from lakehouse.lake.lake import Lake
from lakehouse.sql.literal import literal


def register(lake: Lake, tables: Iterable[str], prefix: str = "") -> list[str]:
    """Register existing tables as `<prefix><layer>.<name>`; what has that name already keeps it.

    Args:
        tables: names as `layer.table`.
        prefix: of the schemas; it may begin with a catalog's name and a dot.

    Returns:
        the names in the catalog.
    """
    named = {table: f"{prefix}{table}" for table in tables if lake.exists(table)}
    for schema in sorted({name.rsplit(".", 1)[0] for name in named.values()}):
        lake.spark.sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    for table, name in named.items():
        lake.spark.sql(f"CREATE TABLE IF NOT EXISTS {name} USING delta LOCATION {literal(lake.path(table))}")
    return list(named.values())
