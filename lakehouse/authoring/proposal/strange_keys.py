"""Customers that may be nobody: keys unlike all others, and one that far too many orders have."""

import re
from collections import defaultdict

from lakehouse.authoring.proposal.expressions_of import NO_ADDRESS
from lakehouse.authoring.proposal.plan import Plan
from lakehouse.sql.macros import WORDS

ALIKE = 0.8  # share of the keys that have a digit (or an @), from which on one without is strange
MANY = 5  # orders of one key, from which on it may be everybody's
TIMES = 3  # as many as the next has
FEWEST = 8  # keys, of which one can stand out


def ask_about_keys(plan: Plan) -> None:
    """Ask whether some keys are nobody's; the keys themselves may be personal, and are not said."""
    if plan.customer is None:
        return
    name, is_email = plan.customer
    orders = _orders_by_key(plan, name)
    _say_no_addresses(plan, name, orders if is_email else {})
    known = {str(word) for word in WORDS["nobody"]} | {"0"}
    orders = {key: found for key, found in orders.items() if key not in known and not NO_ADDRESS.match(key)}
    if len(orders) < FEWEST:
        return
    if odd := [key for key in orders if not _is_marked(key)]:
        share = 1 - len(odd) / len(orders)
        if share >= ALIKE:
            rows = sum(len(orders[key]) for key in odd)
            plan.notes.ask(
                f"{len(odd):,} keys in {name} are words, all others have digits or an @ ({rows:,} orders): are these "
                "nobody? Then add the words to `nobody` of words.yaml, or write nullif(...) around the account's key"
            )
    first, second = sorted(map(len, orders.values()), reverse=True)[:2]
    if first >= MANY and first >= TIMES * second:
        plan.notes.ask(
            f"one key in {name} has {first:,} of {sum(map(len, orders.values())):,} orders, the next {second:,}: is it "
            "what the shop writes where nobody is known?"
        )


def _orders_by_key(plan: Plan, name: str) -> dict[str, set[str]]:
    number = plan.roles.get("order_id")
    orders: dict[str, set[str]] = defaultdict(set)
    for at, key in enumerate(plan.column_values(name)):
        order = plan.column_values(number)[at] if number else str(at)
        if key and key.strip() and order:
            orders[key.strip().lower()].add(order)
    return orders


def _say_no_addresses(plan: Plan, name: str, orders: dict[str, set[str]]) -> None:
    found = sum(len(of_key) for key, of_key in orders.items() if NO_ADDRESS.match(key))
    if found:
        plan.notes.ask(f"{name}: {found:,} orders have an address that says that there is none: guests; is that so?")


def _is_marked(key: str) -> bool:
    return bool(re.search(r"[\d@]", key))
