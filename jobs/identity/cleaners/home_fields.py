"""Cleaned fields that tell where people live: family name, address and phone, and nothing that costs more.

They are what `cleaning.clean` makes of the same records, without the hashes and fields that no household needs.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from jobs.identity.cleaners import address_fields, cleaning, columns, name_fields, number_fields
from jobs.identity.cleaners.cleaning_settings import Rules, rules
from jobs.identity.settings.identity import Junk
from lakehouse.sql.query import Query

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from lakehouse.lake.lake import Lake

EXPORTED = ("full_name", "given_name", "surname", "phone", "country", "postcode", *address_fields.LINES)
FIELDS = ("family", "phone", "house", "street", "street_more", "suburb", "postcode")
SCHEMA = pa.schema([pa.field("account_id", pa.string(), nullable=False), *[pa.field(f, pa.string()) for f in FIELDS]])


def clean(records: pa.Table, how: Rules, junk: Junk) -> pa.Table:
    """SCHEMA of each record.

    Args:
        records: account_id and EXPORTED.
    """
    texts = columns.texts(records)
    made = {
        **name_fields.family(texts, how, junk),
        **address_fields.fields(texts, how, junk),
        **number_fields.phone(texts, how, junk),
    }
    return pa.table({"account_id": texts["account_id"], **{name: made[name] for name in FIELDS}}, schema=SCHEMA)


def rows(lake: "Lake", table: str, key: str, junk: Junk) -> "DataFrame | pa.Table":
    """SCHEMA of a table's records: in this process as long as the profile collects that many rows, else by Spark.

    Args:
        key: the table's column that becomes account_id.
    """
    how = rules(lake.conf)
    there = lake.fetch(Query("SELECT * FROM {records} LIMIT 0", {"records": table})).column_names
    query = cleaning.accounts_query(table, [name for name in there if name in EXPORTED], key)
    if not lake.profile.is_on_spark_alone and lake.row_count(table) <= lake.profile.collect_up_to_rows:
        return clean(lake.fetch(query), how, junk)

    from pyspark.sql.pandas.types import from_arrow_schema

    def batches(arrived: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in arrived:
            yield from clean(pa.Table.from_batches([batch]), how, junk).to_batches()

    return lake.select(query).select("account_id", *EXPORTED).mapInArrow(batches, from_arrow_schema(SCHEMA))
