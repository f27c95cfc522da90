"""When a row happened and how much it is, in the expressions of an export's YAML."""

from lakehouse.authoring.proposal.count_rules import Counting
from lakehouse.authoring.proposal.money import Money
from lakehouse.authoring.proposal.plan import Plan
from lakehouse.authoring.proposal.targets.discounts import lowered


def when(plan: Plan, is_grouped: bool = False) -> dict[str, str]:
    """ordered_at, or order_date where the file has no time of day."""
    expression, has_time = plan.read.moment(plan.roles["date"], plan.roles.get("time"))
    chosen = f"min({expression})" if is_grouped else expression
    return {"ordered_at": chosen} if has_time else {"order_date": f"CAST({chosen} AS DATE)"}


def code(plan: Plan) -> str:
    """The currency of a row by its own column, as SQL; empty where no column says it."""
    return f"upper({plan.read.text(plan.roles['currency'])})" if plan.has("currency") else ""


def line_cents(plan: Plan, money: Money) -> str:
    """The amount of one line in minor units, and how it was found."""
    if money.line:
        plan.notes.find(f"amount: {money.line}, of each row")
        return _with_sign_of_pieces(plan, money.line, plan.read.cents(money.line, code(plan)))
    price = plan.roles["unit_price"]
    if not plan.has("quantity"):
        plan.notes.ask(f"{price} is taken as the line's amount, since no quantity was found")
        return plan.read.cents(price, code(plan))
    quantity = plan.roles["quantity"]
    plan.notes.find(f"a line's amount is {quantity} x {price}")
    of_one = plan.read.cents(price) if plan.read.is_minor(price) else f"{plan.read.number(price)} * 100"
    return f"CAST(round({lowered(plan, money, f'{plan.read.number(quantity)} * {of_one}')}) AS BIGINT)"


def _with_sign_of_pieces(plan: Plan, name: str, cents: str) -> str:
    """An amount without a sign where pieces below zero say that they came back."""
    if not plan.has("quantity"):
        return cents
    quantity = plan.roles["quantity"]
    amounts = [n for q, n in zip(plan.numbers(quantity), plan.numbers(name), strict=True) if q is not None and q < 0]
    if not any(amounts) or any(number < 0 for number in amounts if number is not None):
        return cents
    plan.notes.ask(
        f"{name} stands above zero on {len(amounts):,} rows with {quantity} below: taken as given back; is it?"
    )
    return f"CASE WHEN {plan.read.number(quantity)} < 0 THEN -abs({cents}) ELSE {cents} END"


def item_cents(plan: Plan) -> str:
    """The amount of one element of the list."""
    assert plan.items
    items = plan.items
    roles, read = items.roles, items.read
    if "unit_price" in roles and "quantity" in roles:
        quantity, price = roles["quantity"], roles["unit_price"]
        plan.notes.find(f"a line's amount is {quantity} x {price} of {items.column}")
        if read.is_minor(price):
            return f"CAST(round({read.number(quantity)} * {read.cents(price)}) AS BIGINT)"
        return f"CAST(round({read.number(quantity)} * {read.number(price)} * 100) AS BIGINT)"
    name = next(
        (roles[role] for role in ("amount", "total", "gross", "net", "subtotal", "unit_price") if role in roles), ""
    )
    return read.cents(name) if name else "0"


def signed(cents: str, rules: Counting) -> str:
    """Below zero for a refund, above for a sale, however they are written."""
    cents = f"-({cents})" if rules.is_turned else cents
    return f"CASE WHEN {rules.is_refund} THEN -abs({cents}) ELSE {cents} END" if rules.is_refund else cents
