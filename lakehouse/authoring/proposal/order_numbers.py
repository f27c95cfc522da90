"""What numbers an order: a column, with its day or till where numbers start again, or what stands in for one."""

from collections import defaultdict
from dataclasses import dataclass

from lakehouse.authoring.proposal.count_rules import Counting
from lakehouse.authoring.proposal.money import Money
from lakehouse.authoring.proposal.plan import Plan

SHORT = 6  # digits: longer numbers do not start again each day
OFTEN = 0.2  # share of the repeated numbers that stand on several days (tills) where they start again


@dataclass(frozen=True)
class OrderNumber:
    """An order's number.

    Args:
        sql: order_id of a row, without aggregate.
        group: what a grouping target groups by; [] where a row is an order.
    """

    sql: str
    group: list[str]

    @property
    def grouped_sql(self) -> str:
        """order_id of a grouping target."""
        return self.sql if len(self.group) <= 1 else f"min({self.sql})"


def order_number(plan: Plan, rules: Counting, money: Money) -> OrderNumber:
    """Find it, and say how."""
    if plan.has("order_id"):
        return _by_column(plan, rules, money)
    if plan.customer and plan.has("date"):
        return _by_customer(plan)
    plan.notes.ask("neither order number nor customer was found; each line is taken as an order of a guest")
    return OrderNumber(f"concat('{plan.channel}:', left(_file_id, 16), '-', _source_line)", [])


def _by_column(plan: Plan, rules: Counting, money: Money) -> OrderNumber:
    name = plan.roles["order_id"]
    values = plan.values[name]
    if values.rounded:
        plan.notes.ask(
            f"{values.rounded:,} numbers in {name} were rounded by a spreadsheet (1.23457E+11): get the file as text"
        )
    parts, group = _restarts(plan, name)
    parts, group = [*parts, plan.read.key(name)], [group_key(plan, name), *group]
    number = f"concat_ws('-', {', '.join(parts)})" if len(parts) > 1 else parts[0]
    suffix, more = _refunds(plan, rules, money)
    group = [*group, *more]
    sql = f"concat('{plan.channel}:', {number}{suffix})"
    per = values.filled / max(1, values.distinct)
    several = any(len(rows) > 1 for rows in plan.rows_by_order.values())
    if not plan.items and (several or plan.has("product_id") or plan.has("component")):
        plan.notes.find(f"{name} numbers the order: {per:.1f} rows each in the sample")
        return OrderNumber(sql, group)
    plan.notes.find(f"{name} numbers the order: one row each in the sample")
    return OrderNumber(sql, [])


def group_key(plan: Plan, name: str) -> str:
    """A column to group by, as the YAML names it."""
    is_own = not plan.sample.words and name not in plan.sample.paths
    return name if is_own else plan.read.column(name)


def day_sql(plan: Plan) -> str:
    """A row's day."""
    return f"CAST({plan.read.moment(plan.roles['date'])[0]} AS DATE)"


def _restarts(plan: Plan, name: str) -> tuple[list[str], list[str]]:
    """Parts of the number that stand before it where it starts again each day or at each till, and their group keys."""
    parts: list[str] = []
    group: list[str] = []
    if not _is_short(plan, name):
        return parts, group
    place = next((plan.roles[role] for role in ("till_id", "store_id") if plan.has(role)), None)
    for role, column in (("store_id", place if place == plan.roles.get("store_id") else None), ("till_id", place)):
        if (
            column
            and role in plan.roles
            and column == plan.roles[role]
            and _starts_again(plan, plan.column_values(column))
        ):
            parts.append(plan.read.text(column))
            group.append(group_key(plan, column))
            plan.notes.find(f"{name} starts again at each {column}: the order's number is made of both")
    if plan.has("date") and (_starts_again(plan, plan.days) or _is_first_day(plan, name)):
        parts.append(f"date_format({day_sql(plan)}, 'yyyyMMdd')")
        group.append(day_sql(plan))
        plan.notes.find(f"{name} starts again each day: the order's number is made of day and number")
    return parts, group


def _is_short(plan: Plan, name: str) -> bool:
    seen = plan.values[name].seen
    return bool(seen) and all(text.strip("#").isdigit() and len(text) <= SHORT for text in seen)


def _starts_again(plan: Plan, beside: list[str] | list[str | None]) -> bool:
    """Whether many numbers stand beside several of these values."""
    places: dict[str, set[str | None]] = defaultdict(set)
    for number, rows in plan.rows_by_order.items():
        places[number] |= {beside[row] for row in rows if beside[row]}
    several = [found for found in places.values() if len(found) > 1]
    return len(several) >= 2 and len(several) >= OFTEN * len(places)


def _is_first_day(plan: Plan, name: str) -> bool:
    """A file of one day whose numbers run from 1: tomorrow's will, too."""
    numbers = sorted(int(text.strip("#")) for text in plan.values[name].seen)
    one_day = len({day for day in plan.days if day}) == 1
    return one_day and len(numbers) > 2 and numbers[0] <= 1 and numbers[-1] <= 3 * len(numbers)


def _refunds(plan: Plan, rules: Counting, money: Money) -> tuple[str, list[str]]:
    """A refund is an order of its own: what is put behind its number, and the keys that part it from the sale."""
    day = f"date_format({day_sql(plan)}, 'yyyyMMdd')" if plan.has("date") else "''"
    if rules.is_refund:
        its_day = f"CASE WHEN {rules.is_refund} THEN coalesce({day}, '') ELSE '' END"  # a sale's rows have several
        group = [rules.is_refund, *([its_day] if plan.has("date") else [])]
        return f", CASE WHEN {rules.is_refund} THEN concat('-refund-', {day}) ELSE '' END", group
    name = money.total or money.line
    if not name or not _has_both_signs(plan, name):
        return "", []
    below = f"coalesce({plan.read.cents(name)} < 0, false)"
    plan.notes.find(
        f"numbers of {plan.roles['order_id']} stand with amounts above and below zero: a refund is an order of its own"
    )
    return f", CASE WHEN {below} THEN concat('-refund-', {day}) ELSE '' END", [below]


def _has_both_signs(plan: Plan, name: str) -> bool:
    """Whether one number stands with a sale and, on another day or alone on its row, with its refund."""
    numbers = plan.numbers(name)
    both = 0
    for rows in plan.rows_by_order.values():
        signs = {(numbers[row] or 0) < 0: plan.days[row] for row in rows if numbers[row]}
        both += len(signs) == 2 and (signs[True] != signs[False] or not plan.has("product_id"))
    return both > 0


def _by_customer(plan: Plan) -> OrderNumber:
    customer, is_email = plan.customer or ("", False)
    keys = [plan.roles[role] for role in ("date", "time") if plan.has(role)]
    key = plan.read.account(customer, is_email)
    texts = ", ".join(f"trim({plan.read.column(name)})" for name in keys)
    if is_email:
        key = f"left(sha2({key}, 256), 16)"
    place = "concat(left(_file_id, 16), '-', _source_line)"  # a guest's rows stand alone
    sql = f"concat('{plan.channel}:', concat_ws('-', coalesce({key}, {place}), {texts}))"
    plan.notes.ask(
        f"no order number was found; rows of one {customer} with the same {' and '.join(keys)} are taken as one order"
    )
    return OrderNumber(sql, [sql, *[group_key(plan, name) for name in keys]])
