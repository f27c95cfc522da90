"""Whatever the order in which a sale and its cancellation arrive, they end as they do in the right order."""

from functools import reduce
from itertools import permutations, product
from typing import Any

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from lakehouse.ops import tables as ops_tables
from tests.silver.conftest import FIRST, SECOND, THIRD, Company, target

TABLES = ("orders", "order_lines")
NIGHTS = (FIRST, SECOND, THIRD)
AT = "2017-10-01 09:00:00"
STATES = ("absent", "sale", "cancelled")
HISTORIES = [history for history in product(STATES, repeat=3) if set(history) != {"absent"}]
TURNED = list(permutations(range(3)))


def channel(company: Company, **more: Any) -> None:
    """Orders over two lines, of which a status says whether they count."""
    rule = {"cancelled": "status = 'cancelled'"}
    orders = target(
        "silver.orders",
        _group_by=["no"],
        _discard=rule,
        order_id="no",
        ordered_at="try_to_timestamp(min(at))",
        total_cents="sum(cents(paid))",
    )
    lines = target("silver.order_lines", _discard=rule, order_id="no", product_id="item", sales_cents="cents(paid)")
    company.export(
        "web",
        "web",
        "no item paid status at said",
        orders,
        lines | {"columns": lines["columns"] | {"quantity": "1"}},
        **more,
    )


def deliver(company: Company, night: int, says_version: bool) -> None:
    """The files that a night takes: of each order of delivery the one whose turn it is."""
    parts = []
    for at, turned in enumerate(TURNED):
        version = turned[night]
        lines = [
            (f"{at}-{number}", f"{version}{part}", f"{version}.00", history[version], AT, str(version))
            for number, history in enumerate(HISTORIES)
            if history[version] != "absent"
            for part in "ab"
        ]
        day = NIGHTS[night if says_version else version]
        rows = company.lines("web", NIGHTS[night], f"{at}.csv", *lines)
        parts.append((f"{day}/{at}.csv", rows.withColumn("_source_file", F.lit(f"{day}/{at}.csv"))))
    lake = company.lake(NIGHTS[night])
    lake.append_bronze("web", reduce(DataFrame.unionByName, [rows for _, rows in parts]), f"night {night}")
    events = [
        {"seq": night, "run_id": "r", "run_date": NIGHTS[night], "path": path, "export": "web", "state": "received"}
        for path, _ in parts
    ]
    ops_tables.append(lake.path("ops.files"), lake.contracts["ops.files"], events, "r")


def right() -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Orders and lines that a person would write down."""
    orders, lines = [], []
    for at, (number, history) in product(range(len(TURNED)), enumerate(HISTORIES)):
        last = max(version for version in range(3) if history[version] != "absent")
        if history[last] == "sale":
            orders.append((f"{at}-{number}", "sale", 200 * last))
            lines += [(f"{at}-{number}", f"{last}{part}") for part in "ab"]
        elif "sale" in history:
            orders.append((f"{at}-{number}", "cancellation", 0))
    return sorted(orders, key=str), sorted(lines, key=str)


@pytest.mark.parametrize("says_version", [False, True])
def test_a_sale_and_its_cancellation_end_alike_in_every_order_of_delivery(company, says_version):
    channel(company, **({"version": "said"} if says_version else {}))
    for night in range(3):
        deliver(company, night, says_version)
        for table in TABLES:
            company.run(table, NIGHTS[night])
    nightly = [company.fingerprint(f"silver.{table}") for table in TABLES]

    for table in TABLES:
        company.run(table, THIRD, code="code-2")

    orders, lines = right()
    assert company.rows("silver.orders", "order_id", "order_type", "total_cents") == orders
    assert company.rows("silver.order_lines", "order_id", "product_id") == lines
    assert nightly == [company.fingerprint(f"silver.{table}") for table in TABLES]
