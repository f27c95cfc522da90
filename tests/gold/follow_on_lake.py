"""A lake with order lines and customers for the tests of follow-on rules and of what falls due."""

from collections.abc import Iterable
from datetime import date

import pyarrow as pa

from jobs.gold.follow_on.first_purchases import NEVER, FirstPurchases, day_of
from lakehouse.lake.lake import Lake

Line = tuple[str | None, str, date, int]  # account, product, day, quantity
LINE = pa.schema(
    {"account_id": pa.string(), "product_id": pa.string(), "order_date": pa.date32(), "quantity": pa.int32()}
)


def lines_of(people: FirstPurchases) -> list[Line]:
    """One line per first purchase."""
    return [
        (f"pos:{row}", people.items[item], day_of(people.days[row, item]), 1)
        for row, item in zip(*(people.days < NEVER).nonzero(), strict=True)
    ]


def order_lines(lines: Iterable[Line]) -> pa.Table:
    """account_id, product_id, order_date, quantity."""
    columns = list(zip(*lines, strict=True)) or [()] * 4
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, LINE, strict=True)], schema=LINE
    ).set_column(3, "quantity", pa.array(columns[3], pa.decimal128(18, 3)))


def customer_map(lines: Iterable[Line]) -> pa.Table:
    """account_id, customer_id: every account is a customer of its own."""
    accounts = sorted({account for account, *_ in lines if account})
    return pa.table({"account_id": accounts, "customer_id": list(map(customer_id, accounts))})


def customer_id(account: str) -> str:
    """The customer of an account of no more than 12 letters; in the order of the accounts."""
    return f"c{account.encode().hex():0>24}"


def publish(lake: Lake, run_date: date, lines: list[Line]) -> None:
    """Fill silver.order_lines and identity.customer_map; what else their contracts ask for is made up."""
    owners = customer_map(lines)
    at_hand = order_lines(lines)
    put(
        lake,
        "silver.order_lines",
        at_hand,
        run_date,
        channel="pos",
        sales_cents=100,
        _export="pos_sales",
        _source_file="f",
        order_id=[f"pos:{n}" for n in range(len(lines))],
        line_number=1,
        _source_line=1,
        _run_date=run_date,
    )
    put(
        lake,
        "identity.customer_map",
        owners,
        run_date,
        channel="pos",
        match_rule="alone",
        is_lead=False,
        arrived_on=run_date,
        _run_date=run_date,
    )


def put(lake: Lake, table: str, rows: pa.Table, run_date: date, **further) -> None:
    """Publish rows with further columns, each one value or one per row."""
    for column in lake.contracts[table].columns:
        if column.name in rows.column_names:
            continue
        value = further.get(column.name, [] if column.type.startswith("ARRAY") else None)
        values = value if isinstance(value, list) and value else [value] * len(rows)
        kind = {
            "ARRAY<STRING>": pa.list_(pa.string()),
            "STRING": pa.string(),
            "INT": pa.int32(),
            "BIGINT": pa.int64(),
            "DATE": pa.date32(),
            "BOOLEAN": pa.bool_(),
            "DOUBLE": pa.float64(),
        }[column.type]
        rows = rows.append_column(column.name, pa.array(values, kind))
    lake.publish(table, rows, run_date, mode="replace")
