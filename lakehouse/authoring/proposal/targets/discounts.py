"""What is let off a price where no column has what is left: percent, a rate, or money of a line or of the order."""

import re
from dataclasses import dataclass
from typing import Literal

from lakehouse.authoring.proposal.amounts import as_number
from lakehouse.authoring.proposal.expressions_of import quoted
from lakehouse.authoring.proposal.money import Money, is_order_level
from lakehouse.authoring.proposal.plan import Plan
from lakehouse.authoring.proposal.roles import place_of

Form = Literal["percent", "rate", "line", "order"]
PERCENT = re.compile(r"(?i)%|percent|pct|proz|satz|\brate\b|procent|porcentaje")
MOSTLY = 0.95
WHOLE = 100  # percent


@dataclass(frozen=True)
class Discount:
    """A column that lowers quantity x price."""

    name: str
    form: Form


def discount_of(plan: Plan, money: Money) -> Discount | None:
    """The discount that is to be taken off; None where an amount after it is there, or all of it is nothing."""
    if money.total or not money.is_product or plan.items:
        return None
    for name in plan.sample.names:
        numbers = numbers_of(plan, name) if place_of("discount", name) is not None else []
        if any(numbers) and (form := _form(plan, name, numbers)):
            return Discount(name, form)
    return None


def numbers_of(plan: Plan, name: str) -> list[float | None]:
    """A discount's numbers, with or without a percent sign; [] where it has words."""
    texts = [(text or "").strip().rstrip("%").strip() for text in plan.column_values(name)]
    numbers = [as_number(text, _mark(plan, name)) if text else None for text in texts]
    filled = [text for text in texts if text and text != "-"]
    return numbers if filled and sum(n is not None for n in numbers) >= MOSTLY * len(filled) else []


def _mark(plan: Plan, name: str) -> str:
    amounts = plan.values[name].amounts
    return (amounts.mark if amounts else "") or ("," if plan.read.comma_file else ".")


def _form(plan: Plan, name: str, numbers: list[float | None]) -> Form:
    high = max(abs(number or 0) for number in numbers)
    if high <= WHOLE and (PERCENT.search(name) or all("%" in text for text in plan.values[name].seen)):
        return "percent" if high > 1 else "rate"
    if high < 1:
        return "rate"
    several = [rows for rows in plan.rows_by_order.values() if len(rows) > 1]
    once = sum(len({numbers[at] for at in rows if numbers[at] is not None}) <= 1 for rows in several)
    return "order" if several and once >= MOSTLY * len(several) else "line"


def sql_of(plan: Plan, name: str) -> str:
    """A discount's number; nothing is 0."""
    return (
        f"coalesce(abs(number(replace({plan.read.column(name)}, '%', ''), {quoted(_mark(plan, name)[:1] + '3')})), 0)"
    )


def lowered(plan: Plan, money: Money, product: str) -> str:
    """Quantity x price in hundredths with the line's discount taken off.

    Args:
        product: quantity x price as SQL, in hundredths and not rounded.
    """
    found = discount_of(plan, money)
    if found is None or found.form == "order":
        return product
    plan.notes.ask(f"{found.name} is taken off quantity x price ({MEANT[found.form]}): or is it off the price already?")
    sql = sql_of(plan, found.name)
    if found.form == "line":
        return f"({product} - {sql} * 100)"
    return f"({product} * ({WHOLE} - {sql}) / {WHOLE})" if found.form == "percent" else f"({product} * (1 - {sql}))"


MEANT = {"percent": "percent", "rate": "a rate between 0 and 1", "line": "money of the whole line"}


def of_order(plan: Plan, money: Money) -> str:
    """SQL: what is let off the whole order, once, in a group of its lines; '' for nothing."""
    found = discount_of(plan, money)
    if found is None or found.form != "order":
        return ""
    plan.notes.ask(f"{found.name} is the same on all rows of an order: taken off its total once; is that so?")
    return f"CAST(round(max({sql_of(plan, found.name)}) * 100) AS BIGINT)"


def shipping_of(plan: Plan, money: Money) -> str:
    """SQL: what was paid for shipping, once an order, where only its lines tell its total; '' for nothing."""
    name = plan.roles.get("shipping", "")
    if not name or money.total or not money.is_product or not any(plan.numbers(name)) or not is_order_level(plan, name):
        return ""
    plan.notes.ask(f"{name} stands once an order: added to what its lines come to; is that so?")
    return f"max(CASE WHEN {plan.read.text(name)} IS NULL THEN 0 ELSE {plan.read.cents(name)} END)"
