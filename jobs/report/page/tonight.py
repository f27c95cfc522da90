"""The day's orders, sales, refunds and new customers against what is usual on its day of the week."""

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

Rows = list[dict[str, Any]]

USUAL_WEEKS = 8  # the same day of the week so many times before says what is usual
QUERIES = {
    "sales_days": """SELECT order_date AS day, sum(CASE WHEN order_type = 'sale' THEN 1 ELSE 0 END) AS orders,
                     CAST(sum(CASE WHEN order_type = 'sale' THEN total_cents ELSE 0 END) AS DOUBLE) / 100 AS sales,
                     CAST(sum(CASE WHEN order_type = 'sale' THEN 0 ELSE -total_cents END) AS DOUBLE) / 100 AS refunds
                     FROM silver.orders WHERE order_date >= '{usual_from}' AND order_date <= '{day}'
                     GROUP BY order_date ORDER BY order_date""",
    "first_order_days": """SELECT first_order_date AS day, count(*) AS customers FROM gold.customer_value
                           WHERE first_order_date >= '{usual_from}' AND first_order_date <= '{day}'
                           GROUP BY first_order_date ORDER BY first_order_date""",
}


@dataclass(frozen=True)
class Figure:
    """One of the day's figures, and the median and range of the days it is held against; None where there are none."""

    name: str
    value: float
    is_money: bool
    usual: float | None
    low: float | None
    high: float | None

    @property
    def is_unusual(self) -> bool:
        """Whether none of those days had as much, or as little."""
        return self.low is not None and self.high is not None and not self.low <= self.value <= self.high

    @property
    def change(self) -> str:
        """Against the median, in per cent; of less than one that says nothing."""
        if self.usual is None or self.usual < 1:
            return ""
        return f"{self.value / self.usual - 1:+.0%}".replace("%", "\N{NO-BREAK SPACE}%")


def usual_from(day: date) -> date:
    """The first day that may be looked at."""
    return day - timedelta(weeks=USUAL_WEEKS)


def figures(day: date, sales_days: Rows, first_order_days: Rows | None) -> list[Figure]:
    """The day's figures; none where no order is known by that day.

    Args:
        sales_days: day, orders, sales, refunds (major units, positive), from `usual_from` on.
        first_order_days: day, customers who first ordered then; None where customers are not known yet.
    """
    if not sales_days:
        return []
    began = min(row["day"] for row in sales_days)
    of_day = {row["day"]: row for row in sales_days}
    before = [day - timedelta(weeks=week) for week in range(1, USUAL_WEEKS + 1)]
    known = [one for one in before if one >= began]
    figured = []
    for name, key, is_money in (("orders", "orders", False), ("sales", "sales", True), ("refunds", "refunds", True)):
        past = [float(of_day.get(one, {}).get(key) or 0) for one in known]
        figured.append(_figure(name, float(of_day.get(day, {}).get(key) or 0), is_money, past))
    if first_order_days is not None:
        new = {row["day"]: float(row["customers"]) for row in first_order_days}
        figured.append(_figure("new customers", new.get(day, 0.0), False, [new.get(one, 0.0) for one in known]))
    return figured


def _figure(name: str, value: float, is_money: bool, past: list[float]) -> Figure:
    if not past:
        return Figure(name, value, is_money, None, None, None)
    return Figure(name, value, is_money, median(past), min(past), max(past))
