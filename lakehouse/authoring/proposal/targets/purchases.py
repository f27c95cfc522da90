"""Purchases among events of a web shop: the one event that tells an order, and all events beside it."""

import re
from collections import Counter
from dataclasses import replace

from lakehouse.authoring.proposal.counting import counting
from lakehouse.authoring.proposal.meanings import holds_word, plain_word
from lakehouse.authoring.proposal.notes import some
from lakehouse.authoring.proposal.plan import Plan, TargetPlan, one_of
from lakehouse.authoring.proposal.targets.events import interactions
from lakehouse.authoring.proposal.targets.lines import order_lines
from lakehouse.authoring.proposal.targets.orders import orders

SOLD = [  # the surest first: of several events that tell one order, one counts
    re.compile(words)
    for words in (
        r"purchased?|order (completed?|placed|paid)|(placed|completed?|paid) order|checkout completed",
        r"(order|purchase|transaction|payment) ?(succe\w+|complet\w+|confirm\w+|created|received|captured|made)?|sale",
        r".*(purchase|order completed|transaction|paid|bought|sold).*",
    )
]
MOSTLY = 0.95


def are_among_events(plan: Plan) -> bool:
    """Whether rows are events of several kinds, and some of them number an order."""
    if not plan.has("event", "date", "order_id") or not (plan.is_sales or plan.items):
        return False
    numbered = _numbered(plan)
    words = plan.values[plan.roles["event"]].counts
    if all(holds_word(word, "sale") or holds_word(word, "refund") for word in words):
        return False  # kinds of a till's rows
    return len(plan.values[plan.roles["event"]].counts) > 1 and (
        len(numbered) > 1 or sum(numbered.values()) < MOSTLY * plan.sample.row_count
    )


def _numbered(plan: Plan) -> Counter[str]:
    """Event -> its rows that number an order."""
    columns = (plan.column_values(plan.roles["event"]), plan.column_values(plan.roles["order_id"]))
    return Counter(event.strip() for event, order in zip(*columns, strict=True) if event and order and order.strip())


def purchases(plan: Plan) -> list[TargetPlan]:
    """Orders and lines of the events that are sales, and silver.interactions of all."""
    event, numbered = plan.roles["event"], _numbered(plan)
    sold = _sold(list(numbered))
    rest = [word for word in numbered if word not in sold]
    if rest:
        plan.notes.ask(f"{event}: {some(sold)} are orders, {some(rest)} number orders, too, and are none: is that so?")
    plan.notes.find(f"{event}: {some(sold)} are orders; all events are interactions")
    whole = _of_events(plan, sold)
    rules = counting(whole)
    header, number, money = orders(whole, rules)
    is_sold = f"{one_of(plan.read.column(event), sold)} AND {plan.read.text(plan.roles['order_id'])} IS NOT NULL"
    made = [header, *order_lines(whole, rules, number, money)]
    events = [interactions(plan)] if plan.customer else []
    return [*(replace(target, where=is_sold, flags={}) for target in made), *events]


def _sold(words: list[str]) -> list[str]:
    for expression in SOLD:
        if found := [word for word in words if expression.fullmatch(plain_word(word))]:
            return found[:1]
    return words


def _of_events(plan: Plan, sold: list[str]) -> Plan:
    """The plan over the rows of these events."""
    event = plan.column_values(plan.roles["event"])
    kept = [at for at, word in enumerate(event) if word and word.strip() in sold]
    columns = {name: [texts[at] for at in kept] for name, texts in plan.sample.columns.items()}
    return replace(plan, sample=replace(plan.sample, columns=columns))
