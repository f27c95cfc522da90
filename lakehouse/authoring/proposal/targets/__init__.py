"""Which silver tables a file can fill, and by which expressions."""

import re

from lakehouse.authoring.proposal.column_forms import forms, path_of, plain
from lakehouse.authoring.proposal.counting import counting
from lakehouse.authoring.proposal.likely_columns import PEOPLE
from lakehouse.authoring.proposal.notes import some
from lakehouse.authoring.proposal.plan import Plan, TargetPlan
from lakehouse.authoring.proposal.roles import NAMES, place_of
from lakehouse.authoring.proposal.second_look import OWN_NUMBERS
from lakehouse.authoring.proposal.targets.events import (
    feedback,
    interactions,
    is_helpdesk,
    points_movements,
    tickets,
)
from lakehouse.authoring.proposal.targets.lines import order_lines, priceless_lines
from lakehouse.authoring.proposal.targets.orders import orders, orders_without_amounts
from lakehouse.authoring.proposal.targets.people import customers
from lakehouse.authoring.proposal.targets.purchases import are_among_events, purchases
from lakehouse.authoring.proposal.targets.things import products, stores

__all__ = ["targets_of"]

MONEY = re.compile(r"(^|_)(amount|total|revenue|price|sum|betrag|summe|umsatz)(_|$)")
FEWEST_WORDS = 3  # of advertising, before a list is one of campaigns


def targets_of(plan: Plan) -> list[TargetPlan]:
    """All targets that the file can fill, in the order of silver's tables."""
    made = _facts(plan)
    return [*made, *customers(plan, bool(made)), *products(plan, bool(made)), *stores(plan, bool(made))]


def _facts(plan: Plan) -> list[TargetPlan]:
    if plan.has("event", "date") and (are_among_events(plan) or not plan.has("order_id")):
        return _of_events(plan)
    if is_advertising(plan):
        plan.notes.leave_out("costs of campaigns are no orders")
        return []
    if plan.is_sales or (plan.items and plan.has("date")):
        rules = counting(plan)
        made, number, money = orders(plan, rules)
        return [made, *order_lines(plan, rules, number, money)]
    if is_helpdesk(plan):
        return [tickets(plan)]
    if plan.has("date", "rating") and plan.customer:
        return [feedback(plan)]
    if plan.has("order_id") and (plan.has("product_id") or plan.has("product_name")):
        rules = counting(plan)
        headers = [orders_without_amounts(plan, rules)] if plan.has("date") else []
        return [*headers, *priceless_lines(plan, rules)]
    if plan.has("date") and not _is_of_people(plan) and (plan.has("order_id") or _is_log(plan)):
        return [orders_without_amounts(plan, counting(plan))]
    return []


def _of_events(plan: Plan) -> list[TargetPlan]:
    """What visitors did, and the orders among it."""
    if are_among_events(plan):
        return purchases(plan)
    _ask_about_money(plan)
    return [interactions(plan), *points_movements(plan)] if plan.customer else []


def _ask_about_money(plan: Plan) -> None:
    """Events with amounts may be sales, which silver.interactions does not sum."""
    paid = [name for name in plan.sample.names if plan.values[name].is_number and MONEY.search(plain(name))]
    if paid:
        plan.notes.ask(
            f"each row is an event, and {some(paid, 3)} of it is in no total: are some of {plan.roles['event']} sales? "
            "then add targets silver.orders with `where`"
        )


def is_advertising(plan: Plan) -> bool:
    """Whether several columns speak of impressions, clicks and campaigns, and none of orders or customers."""
    words = [name for name in plan.sample.names if any(re.fullmatch(NAMES["advertising"][0], f) for f in forms(name))]
    has_number = plan.has("order_id") and place_of("order_id", plan.roles["order_id"]) is not None  # named, not guessed
    return len(words) >= FEWEST_WORDS and not has_number and plan.customer is None


def _is_of_people(plan: Plan) -> bool:
    """Whether rows name people, or what they agreed to, and no column is called the number of an order."""
    if not any(plan.has(role) for role in PEOPLE):
        return False
    number = plan.roles.get("order_id")
    return number is None or place_of("order_id", number) is None or plain(path_of(number)[-1]) in OWN_NUMBERS


def _is_log(plan: Plan) -> bool:
    """Customer and day alone, many rows of one customer: purchases without amounts."""
    customer = plan.customer
    if not customer or any(plan.has(role) for role in ("given_name", "surname", "full_name", "consent", "opt_out")):
        return False
    return plan.values[customer[0]].distinct < plan.values[customer[0]].filled
