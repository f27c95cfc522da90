"""Money in orders against money in lines: the difference has a reason, or is none."""

from pathlib import Path

import pyarrow as pa
from deltalake import write_deltalake

from jobs.report.page.money import MONEY
from lakehouse.lake.reader import Reader


def test_the_difference_is_told_by_its_reason(tmp_path: Path) -> None:
    orders = [
        ("1", "till", 1000, []),  # as its lines
        ("2", "till", 1200, []),  # with postage
        ("3", "till", 900, []),  # less a voucher
        ("4", "till", 500, []),  # no lines came
        ("5", "till", 300, ["order_incomplete"]),
        ("6", "web", 700, ["told_twice"]),
        ("7", "shop", 700, None),
    ]
    lines = [("1", 600), ("1", 400), ("2", 1000), ("3", 1000), ("5", 300), ("6", 700)]
    columns = ["order_id", "_export", "total_cents", "quality_flags"]
    kinds = pa.schema([("order_id", pa.string()), ("_export", pa.string()), ("total_cents", pa.int64())])
    kinds = kinds.append(pa.field("quality_flags", pa.list_(pa.string())))
    write_deltalake(
        str(tmp_path / "silver/orders"),
        pa.Table.from_pylist([dict(zip(columns, o, strict=True)) for o in orders], kinds),
    )
    write_deltalake(
        str(tmp_path / "silver/order_lines"),
        pa.table({"order_id": [no for no, _ in lines], "sales_cents": [cents for _, cents in lines]}),
    )

    till, *others = Reader(str(tmp_path)).sql(MONEY).to_pylist()
    web = next(row for row in others if row["export"] == "web")

    assert (till["in_orders"], till["in_lines"]) == (39.0, 33.0)
    parts = [till[name] for name in ("without_lines", "of_incomplete", "charges", "reductions")]
    assert parts == [5.0, 0.0, 2.0, -1.0]
    assert sum(parts) == till["in_orders"] - till["in_lines"]
    assert (till["incomplete_orders"], web["in_orders"] - web["in_lines"]) == (1, 0.0)
    assert (till["in_incomplete"], web["told_twice_orders"], web["in_told_twice"]) == (3.0, 1, 7.0)
