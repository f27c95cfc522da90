"""Which silver tables a file can fill, and by which expressions."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from lakehouse.authoring.proposal.expressions_of import Reader
from lakehouse.authoring.proposal.roles import PERSONAL
from lakehouse.authoring.proposal.sniffing import Sample
from lakehouse.authoring.proposal.values import Values, as_number


@dataclass
class TargetPlan:
    """One target as it will be written; `notes` become comments above it."""

    table: str
    columns: dict[str, str]
    where: str = ""
    discard: dict[str, str] = field(default_factory=dict)
    group_by: list[str] = field(default_factory=list)
    flags: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    explode: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What a file is read as."""

    sample: Sample
    values: Mapping[str, Values]
    roles: Mapping[str, str]
    channel: str

    @property
    def read(self) -> Reader:
        """The writer of expressions."""
        return Reader(self.sample, self.values)

    def has(self, *roles: str) -> bool:
        """Whether all these roles are filled."""
        return all(role in self.roles for role in roles)

    def targets(self) -> list[TargetPlan]:
        """All targets that the file can fill, in the order of silver's tables."""
        plans: list[TargetPlan] = []
        if is_sales(self):
            plans += [orders(self), *order_lines(self)]
        elif self.has("order_id", "date") and not is_sales(self):
            plans += [orders_without_amounts(self)]
        elif self.has("order_id", "product_id"):
            plans += order_lines(self)
        elif self.has("customer_id", "date", "event"):
            plans += [interactions(self)]
        elif self.has("customer_id", "date", "rating"):
            plans += [feedback(self)]
        return [*plans, *customers(self, bool(plans)), *products(self, bool(plans)), *stores(self, bool(plans))]


def is_sales(plan: Plan) -> bool:
    """Whether the file says when something was sold, and for how much."""
    return plan.has("date") and (plan.has("amount") or plan.has("unit_price"))


def line_cents(plan: Plan) -> tuple[str, str]:
    """The amount of one line in minor units, and how it was found."""
    if plan.has("amount"):
        return plan.read.cents(plan.roles["amount"]), f"amount: {plan.roles['amount']}, of each line"
    price = plan.roles["unit_price"]
    if not plan.has("quantity"):
        return plan.read.cents(price), f"check: {price} is taken as the line's amount, since no quantity was found"
    quantity = plan.roles["quantity"]
    product = f"{plan.read.number(quantity)} * {plan.read.number(price)}"
    return f"round({product} * 100)", f"amount: {quantity} * {price}, since no column has it"


def is_order_total(plan: Plan) -> bool:
    """Whether the amount is the order's, repeated on each of its lines."""
    if not plan.has("amount", "order_id"):
        return False
    amounts = defaultdict(list)
    columns = plan.sample.columns
    for order, amount in zip(columns[plan.roles["order_id"]], columns[plan.roles["amount"]], strict=True):
        amounts[order].append(amount)
    several = [amounts_of_order for amounts_of_order in amounts.values() if len(amounts_of_order) > 2]
    return len(several) >= 20 and sum(len(set(amounts_of_order)) == 1 for amounts_of_order in several) >= 0.95 * len(
        several
    )


def lines_per_order(plan: Plan) -> float:
    """Lines of an order, on average in the sample; 1 without an order number."""
    if not plan.has("order_id"):
        return 1.0
    values = plan.values[plan.roles["order_id"]]
    return values.filled / max(1, values.distinct)


def order_key(plan: Plan) -> tuple[str, list[str], list[str]]:
    """The order's number as SQL, what to group by ([]: a line is an order), and notes."""
    read, channel = plan.read, plan.channel
    if plan.has("order_id"):
        name = plan.roles["order_id"]
        per = lines_per_order(plan)
        number = f"concat('{channel}:', {read.key(name)})"
        if per > 1.0001 or plan.has("product_id"):
            return number, [group_key(plan, name)], [f"{name} numbers the order: {per:.1f} lines each in the sample"]
        return number, [], [f"{name} numbers the order: one line each in the sample"]
    if plan.has("customer_id"):
        keys = [plan.roles[role] for role in ("customer_id", "date", "time") if plan.has(role)]
        number = f"concat('{channel}:', concat_ws('-', {', '.join(f'trim({read.column(name)})' for name in keys)}))"
        return (
            number,
            [group_key(plan, k) for k in keys],
            [
                f"check: no order number was found; the lines of one {plan.roles['customer_id']} with the same "
                f"{' and '.join(keys[1:])} are taken as one order"
            ],
        )
    return (
        f"concat('{channel}:', left(_file_id, 16), '-', _source_line)",
        [],
        ["check: neither order number nor customer was found; each line is taken as an order of a guest"],
    )


def group_key(plan: Plan, name: str) -> str:
    """A column to group by, as the YAML names it."""
    return plan.read.column(name) if plan.sample.words else name


def when(plan: Plan, is_grouped: bool = False) -> dict[str, str]:
    """ordered_at, or order_date where the file has no time of day."""
    expression, has_time = plan.read.moment(plan.roles["date"], plan.roles.get("time"))
    chosen = f"min({expression})" if is_grouped else expression
    return {"ordered_at": chosen} if has_time else {"order_date": f"CAST({chosen} AS DATE)"}


def orders(plan: Plan) -> TargetPlan:
    """silver.orders from lines with amounts."""
    read = plan.read
    number, group, notes = order_key(plan)
    cents, how = line_cents(plan)
    columns = {"order_id": number}
    if plan.has("store_id"):
        columns["store_id"] = _one(read.text(plan.roles["store_id"]), group)
    columns |= when(plan, bool(group))
    cancelled = cancellation_letter(plan)
    if cancelled:
        order = read.column(plan.roles["order_id"])
        columns["order_type"] = f"CASE WHEN {order} LIKE '{cancelled}%' THEN 'cancellation' END"
        notes.append(f"order numbers that start with {cancelled} have negative amounts: cancellations")
    if plan.has("currency"):
        columns["currency"] = _one(f"upper({read.text(plan.roles['currency'])})", group)
    if is_order_total(plan):
        columns["total_cents"] = _one(cents, group, "max")
        notes.append(f"{plan.roles['amount']} is the same on all lines of an order: taken as the order's total")
    else:
        columns["total_cents"] = _one(cents, group, "sum")
        notes.append(how)
    columns |= _discount(plan, group)
    return TargetPlan("silver.orders", columns, group_by=group, notes=[*notes, _currency_note(plan)])


def _one(sql: str, group: list[str], aggregate: str = "min") -> str:
    return f"{aggregate}({sql})" if group else sql


def _discount(plan: Plan, group: list[str]) -> dict[str, str]:
    """A discount in money; one between 0 and 1 is a rate and stays out."""
    name = plan.roles.get("discount")
    if not name or plan.values[name].high <= 1:
        return {}
    return {"discount_cents": _one(plan.read.cents(name), group, "sum")}


def _currency_note(plan: Plan) -> str:
    if plan.has("currency"):
        return f"currency: {plan.roles['currency']}; its rates stand in currency.yaml"
    return "check: no currency column was found; amounts are taken in the profile's reporting currency"


def cancellation_letter(plan: Plan) -> str:
    """A letter that order numbers of negative lines start with, and no others do."""
    name = plan.roles.get("quantity") or plan.roles.get("amount")
    if not name or not plan.has("order_id"):
        return ""
    style = plan.values[name].style
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for order, text in zip(plan.sample.columns[plan.roles["order_id"]], plan.sample.columns[name], strict=True):
        letter = re.match(r"[A-Za-z]+(?=\d)", order or "")
        counts[letter.group() if letter else ""][(as_number(text, style) or 0) < 0] += 1
    letters = [letter for letter, (plus, minus) in counts.items() if letter and minus >= 3 and minus > 9 * plus]
    return letters[0] if len(letters) == 1 else ""


def order_lines(plan: Plan) -> list[TargetPlan]:
    """silver.order_lines, where lines name a product."""
    product = plan.roles.get("product_id") or plan.roles.get("product_name")
    if not product or not (plan.has("order_id") or is_sales(plan)):
        return []
    read, number = plan.read, order_key(plan)[0]
    priced = plan.has("amount") or plan.has("unit_price")
    if is_order_total(plan):
        rest = {role: name for role, name in plan.roles.items() if role != "amount"}
        priced, plan = "unit_price" in rest, Plan(plan.sample, plan.values, rest, plan.channel)
    columns = {"order_id": number}
    if plan.has("store_id"):
        columns["store_id"] = read.text(plan.roles["store_id"])
    columns |= when(plan) if plan.has("date") else {}
    columns["product_id"] = read.key(product)
    if plan.has("quantity"):
        columns["quantity"] = read.number(plan.roles["quantity"])
    if plan.has("currency"):
        columns["currency"] = f"upper({read.text(plan.roles['currency'])})"
    columns["sales_cents"] = line_cents(plan)[0] if priced else "0"
    columns |= _discount(plan, [])
    notes = [] if plan.has("product_id") else [f"check: no product number was found; {product} stands for it"]
    notes += [] if priced else ["check: no amount of a line was found; it is taken as 0"]
    return [TargetPlan("silver.order_lines", columns, notes=notes)]


def orders_without_amounts(plan: Plan) -> TargetPlan:
    """Headers alone: their lines come in another file, and silver.orders keeps what the header says."""
    number, group, notes = order_key(plan)
    columns = {"order_id": number, **when(plan, bool(group)), "total_cents": "0"}
    notes.append(
        "check: this file has no amounts, so each order's total is 0 and value stays empty; "
        "deliver orders with their totals (joined with their payments or items) to have it"
    )
    return TargetPlan("silver.orders", columns, group_by=group, flags={"total_not_exported": "true"}, notes=notes)


def interactions(plan: Plan) -> TargetPlan:
    """silver.interactions from events."""
    columns = {"interaction_type": plan.read.text(plan.roles["event"]), **_renamed(when(plan), "occurred")}
    return TargetPlan("silver.interactions", columns)


def feedback(plan: Plan) -> TargetPlan:
    """silver.feedback from ratings."""
    columns = {"rating": plan.read.number(plan.roles["rating"])}
    if plan.has("review"):
        columns["text"] = plan.read.text(plan.roles["review"])
    return TargetPlan("silver.feedback", {**columns, **_renamed(when(plan), "given")})


def _renamed(columns: dict[str, str], stem: str) -> dict[str, str]:
    return {f"{stem}_{name.split('_')[1]}": sql for name, sql in columns.items()}


def customers(plan: Plan, has_facts: bool) -> list[TargetPlan]:
    """silver.customers, and consents, where the file says something about people."""
    known = [role for role in PERSONAL if plan.has(role) and (role, "store_id" in plan.roles) != ("city", True)]
    if not plan.has("customer_id") and not plan.has("email"):
        return []
    if not known or (not has_facts and not plan.has("customer_id") and known == ["email"] and plan.has("order_id")):
        return []
    read = plan.read
    key = plan.roles.get("customer_id") or plan.roles["email"]
    group = [group_key(plan, key)] if has_facts or plan.values[key].distinct < plan.values[key].filled else []
    columns = {
        role: _one(read.day(name) if role == "birth_date" else read.text(name), group, "max")
        for role in known
        for name in [plan.roles[role]]
    }
    notes = ["several lines of one account are put together: the highest value of each column"] if group else []
    plans = [TargetPlan("silver.customers", columns, where=f"{read.key(key)} IS NOT NULL", group_by=group, notes=notes)]
    return plans + (_consents(plan) if plan.has("consent") and not group else [])


def _consents(plan: Plan) -> list[TargetPlan]:
    given = plan.read.column(plan.roles["consent"])
    columns = {
        "purpose": "'marketing'",
        "is_granted": f"lower(trim({given})) IN ('1', 'yes', 'true', 'y', 't', 'ja', 'oui', '是')",
    }
    notes = [f"check: {plan.roles['consent']} is taken as consent to marketing"]
    return [TargetPlan("silver.consents", columns, discard={"never_asked": f"clean({given}) IS NULL"}, notes=notes)]


def products(plan: Plan, has_facts: bool) -> list[TargetPlan]:
    """silver.products, where the file describes products."""
    known = {
        "product_name": "product_name",
        "category": "product_category",
        "product_type": "product_type",
        "brand": "brand",
    }
    columns = {column: plan.read.text(plan.roles[role]) for role, column in known.items() if plan.has(role)}
    if not plan.has("product_id") or not columns:
        return []
    key = plan.roles["product_id"]
    group = [group_key(plan, key)] if has_facts or plan.values[key].distinct < plan.values[key].filled else []
    made = {"product_id": plan.read.key(key), **{name: _one(sql, group, "max") for name, sql in columns.items()}}
    return [TargetPlan("silver.products", made, where=f"{plan.read.key(key)} IS NOT NULL", group_by=group)]


def stores(plan: Plan, has_facts: bool) -> list[TargetPlan]:
    """silver.stores from a list of stores; stores of sales are found by themselves."""
    columns = {role: plan.read.text(plan.roles[role]) for role in ("store_name", "city") if plan.has(role)}
    if has_facts or not columns or not plan.has("store_id") or plan.has("customer_id"):
        return []
    return [TargetPlan("silver.stores", {"store_id": plan.read.text(plan.roles["store_id"]), **columns})]
