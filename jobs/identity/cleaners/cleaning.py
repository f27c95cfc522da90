"""Cleaned fields of accounts: what can be compared is in one form, junk becomes NULL, and nothing raises.

A cleaner is total: any text at all gives a value or NULL. Each sees a column's distinct values once, on Arrow tables,
so that a night on one machine needs no Spark for it; on Spark the same function runs over Arrow batches.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa

from jobs.identity.cleaners import address_fields, columns, emails, name_fields, number_fields, plain_values
from jobs.identity.cleaners.cleaning_settings import Rules, rules
from jobs.identity.cleaners.companies import company
from jobs.identity.cleaners.junk import is_unknown_email, key_code, usable
from jobs.identity.cleaners.record_fields import FLAGS, SCHEMA, USED
from jobs.identity.settings.identity import Junk
from lakehouse.sql.query import Query

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from lakehouse.lake.lake import Lake

ROWS_AT_ONCE = 1_000_000


def clean(customers: pa.Table, how: Rules, junk: Junk, run_date: date, secret: str) -> pa.Table:
    """One row per account with cleaned, comparable fields.

    Args:
        customers: the columns USED of silver.customers; see columns_of for those that it has not.
        how: rules of conf/cleaning.yaml.
        junk: texts, dates, addresses and numbers that mean "unknown".
        run_date: birth dates after it are junk.
        secret: key of the hashes, so that a fingerprint cannot be guessed from a list of names.

    Returns:
        SCHEMA: account_id, channel, is_lead, FIELDS, PARTS and KEYS (all text or NULL), record_hash (of the fields;
        NULL when none is usable), source_hash (of the values as exported: what changes it is new evidence), own_id (the
        customer id that the account founds) and spare_id (where own_id was issued before).
    """
    pieces = [customers.slice(start, ROWS_AT_ONCE) for start in range(0, customers.num_rows, ROWS_AT_ONCE)]
    cleaned = [_piece(piece, how, junk, run_date, secret) for piece in pieces]
    return pa.concat_tables(cleaned) if cleaned else SCHEMA.empty_table()


def rows(
    lake: "Lake", table: str, junk: Junk, run_date: date, key: str = "account_id", where: str = "true"
) -> "DataFrame | pa.Table":
    """The records of a table: in this process as long as the profile collects that many rows, else by Spark.

    Args:
        table: has columns of USED; those that it has not are NULL.
        key: its column that becomes account_id.
        where: SQL on the table's rows.
    """
    secret, how = lake.conf.secret(lake.profile.account_secret), rules(lake.conf)
    there = lake.fetch(Query("SELECT * FROM {records} LIMIT 0", {"records": table})).column_names
    query = accounts_query(table, there, key, where)
    if lake.profile.is_on_spark_alone or lake.row_count(table) > lake.profile.collect_up_to_rows:
        return records(lake.select(query), how, junk, run_date, secret)
    return clean(lake.fetch(query), how, junk, run_date, secret)


def accounts_query(table: str, there: Sequence[str], key: str = "account_id", where: str = "true") -> Query:
    """The columns USED of a table's rows.

    Args:
        there: the columns that the table has.
    """
    kinds = ", ".join(f"{name} {'BOOLEAN' if name in FLAGS else 'STRING'}" for name in USED)
    sql = f"SELECT {columns_of(there, key)} FROM {{records}} WHERE {where}"
    return Query(sql, {"records": table}, answers=kinds)


def of_table(
    lake: "Lake", table: str, junk: Junk, run_date: date, key: str = "account_id", where: str = "true"
) -> "DataFrame":
    """`rows` as a DataFrame in any case."""
    cleaned = rows(lake, table, junk, run_date, key, where)
    return lake.for_rows(cleaned.num_rows).spark.createDataFrame(cleaned) if isinstance(cleaned, pa.Table) else cleaned


def columns_of(there: Sequence[str], key: str = "account_id") -> str:
    """SQL: the columns USED of a table that has these columns; NULL for what it has not, `key` as account_id."""
    kinds = {name: "BOOLEAN" if name in FLAGS else "STRING" for name in USED}
    chosen = {name: name if name in there else f"CAST(NULL AS {kind})" for name, kind in kinds.items()}
    return ", ".join(f"{column} AS {name}" for name, column in {**chosen, "account_id": key}.items())


def records(customers: "DataFrame", how: Rules, junk: Junk, run_date: date, secret: str) -> "DataFrame":
    """`clean` over a Spark DataFrame, batch by batch."""
    from pyspark.sql.pandas.types import from_arrow_schema

    def batches(arrived: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in arrived:
            yield from clean(pa.Table.from_batches([batch]), how, junk, run_date, secret).to_batches()

    return customers.select(*USED).mapInArrow(batches, from_arrow_schema(SCHEMA))


def _piece(customers: pa.Table, how: Rules, junk: Junk, run_date: date, secret: str) -> pa.Table:
    texts = columns.texts(customers)
    mapped: dict[str, pa.Array] = {
        **name_fields.fields(texts, how, junk),
        **address_fields.fields(texts, how, junk),
        **number_fields.fields(texts, how, junk, run_date),
        **columns.with_plain(
            texts["email"], plain_values.emails(texts["email"], how, junk), partial(_email, rules=how, junk=junk)
        ),
        **columns.mapped(texts["company"], partial(_company, rules=how, junk=junk), "company"),
        **columns.mapped(texts["loyalty_card"], partial(_key, junk=junk), "loyalty_card"),
        **columns.mapped(texts["device_id"], partial(_key, junk=junk), "device"),
    }
    mapped["verified_email"] = columns.where(customers["is_email_verified"], mapped["email"])
    return columns.with_hashes(customers, mapped, run_date, secret)


def _email(text: str, rules: Rules, junk: Junk) -> tuple[str | None, str | None]:
    address = emails.email(text, rules)
    is_known = address is not None and not is_unknown_email(address, junk)
    return (address, emails.local_name(address)) if is_known and address else (None, None)


def _key(text: str, junk: Junk) -> tuple[str | None]:
    return (key_code(text, junk),)


def _company(text: str, rules: Rules, junk: Junk) -> tuple[str | None]:
    return (usable(company(text, rules), junk),)
