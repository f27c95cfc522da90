"""A line of an order that stands on several rows, once for each parcel or payment: its amount counts once."""

import re
from collections import defaultdict
from dataclasses import replace

from lakehouse.authoring.proposal.column_forms import forms
from lakehouse.authoring.proposal.plan import Plan

LINE = re.compile(
    r"(order_?|sales_?)?(line|item|row|pos|position|lineitem|line_item)s?_?(no|nr|num|number|id|seq|sequence|index|nummer)?"
    r"|(auftrags|bestell|rechnungs|beleg)?_?pos(ition)?s?_?(nr|nummer)?|(no|num|n|numero)_(de_)?(ligne|linea|linha|riga)"
    r"|posnr|vbelp|行号|明细编号|子订单编号|子订单号|明細番号|行番号|순번"
)
AMOUNTS = ("amount", "gross", "net", "total", "subtotal")
FEWEST = 3  # lines that stand several times
MOSTLY = 0.95


def with_lines_once(plan: Plan) -> Plan:
    """The plan with the pieces of each row in place of the line's, where these add up to it; else a question."""
    number = _line_number(plan)
    if not number or plan.items:
        return plan
    lines: dict[tuple[str, str], list[int]] = defaultdict(list)
    columns = (plan.column_values(plan.roles["order_id"]), plan.column_values(number))
    for at, (order, line) in enumerate(zip(*columns, strict=True)):
        if order and line and not plan.refund_rows[at]:
            lines[order, line].append(at)
    several = [rows for rows in lines.values() if len(rows) > 1]
    repeated = [role for role in AMOUNTS if plan.has(role) and _is_same(plan, plan.roles[role], several)]
    if len(several) < FEWEST or not repeated:
        return plan
    part = _part_of_quantity(plan, several)
    if part and plan.has("unit_price"):
        kept = {role: name for role, name in plan.roles.items() if role not in repeated}
        plan.notes.ask(
            f"{len(several):,} lines stand on several rows, whose {part} add up to {plan.roles['quantity']}: each row "
            f"is {part} x {plan.roles['unit_price']}, since {plan.roles[repeated[0]]} is the same on all: is that so?"
        )
        return replace(plan, roles={**kept, "quantity": part})
    plan.notes.ask(
        f"{len(several):,} lines ({plan.roles['order_id']} and {number}) stand on several rows with the same "
        f"{plan.roles[repeated[0]]}: all are added up; is one line told several times, once a parcel or payment?"
    )
    return plan


def _line_number(plan: Plan) -> str:
    """The column that numbers the lines of an order, where there is one."""
    if not plan.has("order_id"):
        return ""
    taken = {name for role, name in plan.roles.items() if role not in ("till_id", "product_id")}
    named = [name for name in plan.sample.names if any(LINE.fullmatch(form) for form in forms(name))]
    return next((name for name in named if name not in taken and plan.values[name].kind in ("integer", "text")), "")


def _is_same(plan: Plan, name: str, several: list[list[int]]) -> bool:
    numbers = plan.numbers(name)
    same = sum(len({numbers[at] for at in rows}) == 1 and numbers[rows[0]] is not None for rows in several)
    return bool(several) and same >= MOSTLY * len(several)


def _part_of_quantity(plan: Plan, several: list[list[int]]) -> str:
    """A column that adds up over a line's rows to the pieces that stand on each of them."""
    if not plan.has("quantity"):
        return ""
    whole = plan.numbers(plan.roles["quantity"])
    for name in plan.sample.names:
        if name in plan.roles.values() or not plan.values[name].is_number:
            continue
        numbers = plan.numbers(name)
        fits = sum(abs(sum(numbers[at] or 0 for at in rows) - (whole[rows[0]] or 0)) < 1e-6 for rows in several)
        if fits >= MOSTLY * len(several):
            return name
    return ""
