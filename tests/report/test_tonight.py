"""The day's figures against usual."""

from datetime import date, timedelta

from jobs.report.page.tonight import figures

MONDAY = date(2026, 3, 30)


def weeks(*orders: int) -> list[dict[str, object]]:
    """Orders of this Monday and of those before it, of 10.00 each; every other day has a hundred."""
    rows = [
        {"day": MONDAY - timedelta(weeks=ago), "orders": n, "sales": 10.0 * n, "refunds": 0.0}
        for ago, n in enumerate(orders)
    ]
    others = [MONDAY - timedelta(days=ago) for ago in range(7 * len(orders) - 6) if ago % 7]
    return rows + [{"day": day, "orders": 100, "sales": 1000.0, "refunds": 5.0} for day in others]


def test_a_day_is_held_against_the_same_day_of_the_weeks_before():
    orders, sales, refunds = figures(MONDAY, weeks(12, 8, 10, 9), None)

    assert (orders.value, orders.usual, orders.low, orders.high) == (12, 9, 8, 10)
    assert (orders.is_unusual, orders.change) == (True, "+33\N{NO-BREAK SPACE}%")
    assert (sales.value, sales.is_money) == (120.0, True)
    assert (refunds.value, refunds.usual, refunds.is_unusual) == (0.0, 0.0, False)


def test_a_day_without_orders_counts_as_none_and_one_before_the_first_order_ever_not_at_all():
    rows = [row for row in weeks(0, 8, 0, 9) if row["orders"]]

    orders, *_ = figures(MONDAY, rows, None)

    assert (orders.value, orders.usual, orders.low) == (0, 8, 0)
    assert figures(MONDAY, [], None) == []


def test_the_first_of_its_days_has_nothing_to_be_held_against():
    orders, *_ = figures(MONDAY, weeks(7), None)

    assert (orders.value, orders.usual, orders.is_unusual, orders.change) == (7, None, False, "")


def test_new_customers_are_those_whose_first_order_is_of_the_day():
    first = [{"day": MONDAY, "customers": 3}, {"day": MONDAY - timedelta(weeks=1), "customers": 1}]

    *_, new = figures(MONDAY, weeks(7, 7, 7), first)
    *_, none = figures(MONDAY, weeks(7, 7, 7), [])

    assert (new.name, new.value, new.usual, new.change) == ("new customers", 3, 0.5, "")
    assert none.value == 0
