"""silver.orders: one row per order, from rows that are orders or from their lines."""

import re
from collections import defaultdict

from lakehouse.authoring.proposal.count_rules import Counting
from lakehouse.authoring.proposal.currencies import currency_sql, item_currency_sql
from lakehouse.authoring.proposal.money import Money, money_of
from lakehouse.authoring.proposal.order_numbers import OrderNumber, order_number
from lakehouse.authoring.proposal.plan import Plan, TargetPlan
from lakehouse.authoring.proposal.targets.amounts import code, item_cents, line_cents, signed, when
from lakehouse.authoring.proposal.targets.amounts_in_doubt import ask_about_amounts
from lakehouse.authoring.proposal.targets.discounts import PERCENT, of_order, shipping_of


def one(sql: str, group: list[str], aggregate: str = "min") -> str:
    """An aggregate where the target groups."""
    return f"{aggregate}({sql})" if group else sql


def orders(plan: Plan, rules: Counting) -> tuple[TargetPlan, OrderNumber, Money]:
    """silver.orders from rows with amounts."""
    money = money_of(plan)
    number = order_number(plan, rules, money)
    if plan.items and not money.total and not money.line:
        return _of_items(plan, rules, number), number, money
    group = number.group
    columns = {"order_id": number.grouped_sql}
    if plan.has("store_id"):
        columns["store_id"] = one(plan.read.text(plan.roles["store_id"]), group)
    columns |= when(plan, bool(group))
    columns |= _order_type(plan, rules, group)
    currency = currency_sql(plan, money.total or money.line or plan.roles.get("unit_price", ""))
    if currency:
        columns["currency"] = one(currency, group)
    else:
        plan.notes.find("no column, sign or name tells the currency: amounts are in the profile's reporting currency")
    columns |= {"total_cents": total_sql(plan, rules, money, group), **_discount(plan, group)}
    ask_about_amounts(plan, money)
    discard = rules.discard | rules.not_orders
    made = TargetPlan("silver.orders", columns, discard=discard, group_by=group, flags=_flags(rules, group))
    return made, number, money


def _flags(rules: Counting, group: list[str]) -> dict[str, str]:
    """Flags of rows; a group of rows has lost the columns that they look at."""
    return {} if group else dict(rules.flags)


def total_sql(plan: Plan, rules: Counting, money: Money, group: list[str]) -> str:
    """The order's total in minor units."""
    if money.total:
        total = one(
            signed(plan.read.cents(money.total, code(plan)), rules), group, "max" if not rules.is_refund else "min"
        )
        plan.notes.find(f"{money.total} is the order's total: taken once, whether it stands on one row or on all")
    else:
        total = one(signed(line_cents(plan, money), rules), group, "sum")
        if group and (let_off := of_order(plan, money)):
            total = f"{total} - {let_off}"
        if group and (carried := shipping_of(plan, money)):
            total = f"{total} + {carried}"
    if plan.has("refunded"):
        name = plan.roles["refunded"]
        given_back = sum(number or 0 for number in plan.numbers(name))
        if money.total and money.is_product:
            plan.notes.leave_out(
                f"{name} ({given_back:,.2f}): lines do not say what was given back, and orders agree with their lines"
            )
            plan.notes.ask(
                f"{name} ({given_back:,.2f}) is not taken off; to take it off write at total_cents: "
                f"{total} - max(coalesce(abs({plan.read.cents(name)}), 0))"
            )
            return total
        back = f"coalesce(abs({plan.read.cents(name)}), 0)"
        plan.notes.find(f"{name} is taken off the order's total")
        plan.notes.ask(f"{name} is taken off the total of its order: or is it off already?")
        return f"{total} - {one(back, group, 'max')}"
    return total


def _order_type(plan: Plan, rules: Counting, group: list[str]) -> dict[str, str]:
    if rules.is_refund:
        return {"order_type": one(f"CASE WHEN {rules.is_refund} THEN 'refund' END", group)}
    letter = cancellation_letter(plan)
    if not letter:
        return {}
    plan.notes.find(f"order numbers that start with {letter} have negative amounts: cancellations")
    order = plan.read.column(plan.roles["order_id"])
    return {"order_type": one(f"CASE WHEN {order} LIKE '{letter}%' THEN 'cancellation' END", group)}


def _discount(plan: Plan, group: list[str]) -> dict[str, str]:
    """A discount in money; one between 0 and 1 is a rate and stays out."""
    name = plan.roles.get("discount")
    if not name or 0 < plan.values[name].high <= 1 or PERCENT.search(name):
        return {}
    return {"discount_cents": one(f"abs({plan.read.cents(name)})", group, "sum" if _varies(plan, name) else "max")}


def _varies(plan: Plan, name: str) -> bool:
    """Whether a column differs between lines of one order, or stands on each: then it is the line's."""
    numbers = plan.numbers(name)
    return any(
        len({numbers[row] for row in rows}) > 1 and all(numbers[row] is not None for row in rows)
        for rows in plan.rows_by_order.values()
    )


def cancellation_letter(plan: Plan) -> str:
    """A letter that order numbers of negative lines start with, and no others do."""
    name = plan.roles.get("quantity") or plan.roles.get("amount") or plan.roles.get("total")
    if not name or not plan.has("order_id"):
        return ""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for order, number in zip(plan.column_values(plan.roles["order_id"]), plan.numbers(name), strict=True):
        letter = re.match(r"[A-Za-z]+(?=\d)", order or "")
        counts[letter.group() if letter else ""][(number or 0) < 0] += 1
    letters = [letter for letter, (plus, minus) in counts.items() if letter and minus >= 3 and minus > 9 * plus]
    return letters[0] if len(letters) == 1 else ""


def _of_items(plan: Plan, rules: Counting, number: OrderNumber) -> TargetPlan:
    """Orders whose amount is the sum over their list of lines."""
    assert plan.items
    group = [number.sql]
    columns = {"order_id": f"min({number.sql})", **when(plan, is_grouped=True)}
    if currency := item_currency_sql(plan):
        columns["currency"] = f"min({currency})"
    columns["total_cents"] = f"sum({signed(item_cents(plan), rules)})"
    plan.notes.find(f"the order's total is the sum over {plan.items.column}")
    return TargetPlan(
        "silver.orders", columns, discard=dict(rules.discard), group_by=group, explode=plan.items.explode()
    )


def orders_without_amounts(plan: Plan, rules: Counting) -> TargetPlan:
    """Headers alone: their lines come in another file, and silver.orders keeps what the header says."""
    number = order_number(plan, rules, Money())
    columns = {"order_id": number.grouped_sql, **when(plan, bool(number.group)), "total_cents": "0"}
    plan.notes.ask(
        "this file has no amounts, so each order's total is 0 and value stays empty; "
        "deliver orders with their totals (joined with their payments or items) to have it"
    )
    flags = {"total_not_exported": "true"}
    return TargetPlan("silver.orders", columns, discard=dict(rules.discard), group_by=number.group, flags=flags)
