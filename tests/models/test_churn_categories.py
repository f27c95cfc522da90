"""models.churn_examples: kinds of things bought before an as-of date, and kinds that were bought and are no more."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from jobs.models.churn import categories
from jobs.models.churn.features import KEPT, origins
from jobs.models.churn_examples import churn_examples_sql
from jobs.models.settings.churn import Settings
from lakehouse.config.layers import Conf
from lakehouse.sql.hashed_share import is_held_out
from tests.both_engines import duckdb_answer, spark_answer
from tests.models.nullable import nullable

AS_OF = date(2017, 10, 1)
MAP = [("pos:1", "c1"), ("web:1", "c1"), ("pos:2", "c2")]
PRODUCTS = [("apple", "fruit"), ("pear", "fruit"), ("milk", "dairy"), ("soap", "care"), ("stamp", "POSTAGE")]
NAMES = tuple(categories.TYPES)
UNKNOWN = dict.fromkeys(NAMES)


@dataclass(frozen=True)
class Line:
    """A line of an order, so many days before AS_OF."""

    product: str | None
    days: int
    cents: int = 100
    account: str = "pos:1"
    quantity: int | None = 1

    @property
    def day(self) -> date:
        return AS_OF - timedelta(days=self.days)


@dataclass(frozen=True)
class Company:
    """What the query reads."""

    lines: Sequence[Line]
    products: Sequence[tuple[str, str | None]] = tuple(PRODUCTS)
    orders: Sequence[Line] = ()  # whose lines are not known
    dates: Sequence[date] = (AS_OF,)
    customer_map: Sequence[tuple[str, str]] = tuple(MAP)
    share: float = 1.0
    known_until: date = AS_OF
    settings: Settings = field(
        default_factory=lambda: Conf().settings("churn", Settings).replace(excluded_items=("POSTAGE",))
    )

    def tables(self) -> dict[str, pa.Table]:
        days = {(line.account, line.day) for line in (*self.lines, *self.orders)}
        bought = [
            {"account_id": account, "channel": account[:3], "order_date": day, "order_count": 1, "spend_cents": 1}
            for account, day in sorted(days)
        ]
        lines = [
            {"account_id": line.account, "order_date": line.day, "product_id": line.product, "sales_cents": line.cents,
             "quantity": None if line.quantity is None else Decimal(line.quantity)} for line in self.lines
        ]  # fmt: skip
        named = [{"product_id": product, "product_category": category} for product, category in self.products]
        mapped = [{"account_id": account, "customer_id": customer} for account, customer in self.customer_map]
        return {
            "order_days": nullable("gold.customer_order_days", bought),
            "customer_map": nullable("identity.customer_map", mapped),
            "order_lines": nullable("silver.order_lines", lines),
            "products": nullable("silver.products", named),
            "origins": origins(list(self.dates), self.settings.history_days, self.settings.horizon, self.share),
        }

    def sql(self) -> str:
        sql = churn_examples_sql(self.known_until, self.settings, self.share, has_lines=True)
        return f"SELECT customer_id, as_of, {', '.join(NAMES)} FROM ({sql}) examples"


def told(company: Company) -> dict[tuple[str, date], dict[str, Any]]:
    """(customer, as-of date) -> the features."""
    rows = in_order(duckdb_answer(company.sql(), **company.tables()))
    return {(row[0], row[1]): dict(zip(NAMES, row[2:], strict=True)) for row in rows}


def told_by_both(spark: SparkSession, company: Company) -> dict[tuple[str, date], dict[str, Any]]:
    """The same, after Spark has given the same."""
    by_spark = in_order(map(tuple, spark_answer(spark, company.sql(), **company.tables()).collect()))
    assert by_spark == in_order(duckdb_answer(company.sql(), **company.tables()))
    return told(company)


def in_order(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Sorted, with shares to 9 digits."""
    return sorted(tuple(round(one, 9) if isinstance(one, float) else one for one in row) for row in rows)


def of_c1(*lines: Line, **others: Any) -> dict[str, Any]:
    """The features of c1 as of AS_OF."""
    return told(Company(lines, **others))["c1", AS_OF]


def features(count: int, lost: int, regular: int, share: float | None) -> dict[str, Any]:
    return dict(zip(NAMES, (count, lost, regular, share), strict=True))


def test_a_category_of_the_earlier_twelve_weeks_that_was_not_bought_since_is_lost() -> None:
    kept = [Line("apple", 100, 300), Line("pear", 10)]
    lost = [Line("milk", 90, 100)]

    assert of_c1(*kept, *lost) == features(1, 1, 0, 0.25)


def test_each_window_has_84_days_and_the_later_one_ends_the_day_before_the_date() -> None:
    late = [Line("apple", 1), Line("milk", 84)]
    early = [Line("soap", 85, 100), Line("apple", 168, 300)]

    assert of_c1(*late, *early, Line("soap", 169, 700)) == features(2, 1, 0, 0.25)


def test_a_category_bought_on_two_days_of_the_earlier_window_was_a_regular_one() -> None:
    once = [Line("milk", 100), Line("milk", 100), Line("milk", 169), Line("apple", 1)]

    assert of_c1(*once)["regular_categories_lost_84d"] == 0
    assert of_c1(*once, Line("milk", 120))["regular_categories_lost_84d"] == 1


def test_a_line_from_the_date_on_moves_no_category_feature() -> None:
    past = [Line("apple", 100), Line("milk", 90), Line("apple", 5)]
    later = AS_OF + timedelta(days=60)
    planted = [Line("milk", 0), Line("soap", -3), Line("soap", -20, account="pos:2")]

    assert of_c1(*past, *planted, known_until=later) == of_c1(*past, known_until=later)


def test_lines_of_all_accounts_of_a_customer_count_together() -> None:
    assert of_c1(Line("apple", 100), Line("pear", 9, account="web:1")) == features(1, 0, 0, 0.0)


@pytest.mark.parametrize(
    "line",
    [Line("stamp", 9), Line("milk", 9, quantity=-1), Line("milk", 9, cents=-100), Line("unknown", 9), Line(None, 9)],
    ids=["excluded", "taken back", "refunded", "of no known product", "of no product"],
)
def test_what_is_no_purchase_of_a_category_counts_for_none(line: Line) -> None:
    bought = [Line("apple", 100), Line("apple", 9)]

    assert of_c1(*bought, line) == of_c1(*bought)


def test_a_line_without_a_quantity_counts() -> None:
    assert of_c1(Line("apple", 100), Line("milk", 9, quantity=None))["category_count_84d"] == 1


def test_a_product_may_be_excluded_by_its_number_too() -> None:
    lines = [Line("apple", 100), Line("stamp", 9), Line("apple", 8)]
    settings = Conf().settings("churn", Settings)

    assert of_c1(*lines, settings=settings)["category_count_84d"] == 2
    assert of_c1(*lines, settings=settings.replace(excluded_items=("stamp",)))["category_count_84d"] == 1


@pytest.mark.parametrize(
    "company",
    [Company([], orders=[Line(None, 100), Line(None, 5)]), Company([Line("apple", 100)], products=[("apple", None)])],
    ids=["lines", "categories"],
)
def test_a_company_without_lines_or_categories_has_nulls(spark: SparkSession, company: Company) -> None:
    assert told_by_both(spark, company) == {("c1", AS_OF): UNKNOWN}


def test_no_loss_is_told_while_lines_begin_after_the_earlier_window() -> None:
    bought = {"orders": [Line(None, 100)]}

    assert of_c1(Line("apple", 84), **bought) == {**UNKNOWN, "category_count_84d": 1}
    assert of_c1(Line("apple", 0), **bought) == UNKNOWN


def test_purchases_whose_lines_are_not_told_are_no_loss() -> None:
    """The web shop's lines have come since day 80 before the date alone, or have stopped to come: the tills' go on."""
    others = [Line("apple", 100, account="pos:2"), Line("apple", 5, account="pos:2")]
    begun, stopped = [Line("milk", 5)], [Line("milk", 100)]

    assert of_c1(*others, *begun, orders=[Line(None, 100)]) == {**UNKNOWN, "category_count_84d": 1}
    assert of_c1(*others, *stopped, orders=[Line(None, 5)]) == UNKNOWN


def test_who_has_bought_nothing_in_the_later_window_has_lost_all_categories() -> None:
    others = [Line("apple", 5, account="pos:2")]

    assert of_c1(Line("apple", 100), Line("milk", 100), *others) == features(0, 2, 0, 1.0)


def test_who_is_new_has_nothing_to_lose() -> None:
    others = [Line("apple", 100, account="pos:2")]

    assert of_c1(Line("apple", 10), *others) == features(1, 0, 0, None)


def test_of_customers_that_are_not_kept_as_of_past_dates_tonights_lines_count_alone(spark: SparkSession) -> None:
    accounts = [(f"pos:{n}", f"c{n}") for n in range(40)]
    lines = [Line(product, days, account=account) for account, _ in accounts
             for product, days in (("apple", 150), ("milk", 100), ("apple", 20))]  # fmt: skip
    dates = [AS_OF - timedelta(days=60), AS_OF]

    thinned = told_by_both(spark, Company(lines, dates=dates, customer_map=accounts, share=0.5))

    whole = told(Company(lines, dates=dates, customer_map=accounts))
    kept = {key for key in whole if key[1] == AS_OF or is_held_out(KEPT, "", key[0], 0.5)}
    assert len(kept) < len(whole)
    assert thinned == {key: whole[key] for key in kept}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_features_are_those_that_counting_line_by_line_gives(spark: SparkSession, seed: int) -> None:
    chance = random.Random(seed)
    lines = [
        Line(chance.choice([*(name for name, _ in PRODUCTS), None]), chance.randint(-5, 400), chance.randint(-20, 500),
             chance.choice(MAP)[0], chance.choice([None, -1, 1, 1, 2])) for _ in range(chance.choice([20, 60, 150]))
    ]  # fmt: skip
    dates = [AS_OF - timedelta(days=15 * back) for back in range(12)]

    company = Company(lines, dates=sorted(dates), known_until=AS_OF)

    found = told_by_both(spark, company)
    assert found == {key: counted(company, *key) for key in found}
    assert any(one["categories_lost_84d"] for one in found.values())


def counted(company: Company, customer: str, as_of: date) -> dict[str, Any]:
    """One customer's features as of a date, slowly."""
    category_of = {product: category for product, category in company.products if category != "POSTAGE"}
    of_categories = [
        line
        for line in company.lines
        if line.product in category_of and line.cents >= 0 and (line.quantity is None or line.quantity >= 0)
    ]
    begun = min((line.day for line in of_categories), default=as_of)
    accounts = {account for account, owner in company.customer_map if owner == customer}
    late, early = (as_of - timedelta(days=84), as_of), (as_of - timedelta(days=168), as_of - timedelta(days=84))

    def bought(lines: Iterable[Line], window: tuple[date, date]) -> list[Line]:
        return [line for line in lines if line.account in accounts and window[0] <= line.day < window[1]]

    def is_known(window: tuple[date, date]) -> bool:
        return begun < window[1] and bool(bought(of_categories, window) or not bought(company.lines, window))

    def kinds(window: tuple[date, date]) -> set[str | None]:
        return {category_of[line.product or ""] for line in bought(of_categories, window)}

    if not is_known(late):
        return UNKNOWN
    if not is_known(early):
        return {**UNKNOWN, "category_count_84d": len(kinds(late))}
    lost = kinds(early) - kinds(late)
    days = {(category_of[line.product or ""], line.day) for line in bought(of_categories, early)}
    spent = sum(line.cents for line in bought(of_categories, early))
    gone = sum(line.cents for line in bought(of_categories, early) if category_of[line.product or ""] in lost)
    regular = sum(len([1 for kind, _ in days if kind == one]) > 1 for one in lost)
    share = round(gone / spent, 9) if spent else None
    return features(len(kinds(late)), len(lost), regular, share)
