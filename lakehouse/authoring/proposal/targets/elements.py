"""The amount of an element, where an order's lines stand in a list inside its row."""

from lakehouse.authoring.proposal.plan import Plan
from lakehouse.authoring.proposal.roles import is_minor


def item_cents(plan: Plan) -> str:
    """The amount of one element of the list."""
    assert plan.items
    items = plan.items
    roles, read = items.roles, items.read
    if "unit_price" in roles and "quantity" in roles:
        quantity, price = roles["quantity"], roles["unit_price"]
        plan.notes.find(f"a line's amount is {quantity} x {price} of {items.column}")
        if is_minor(price):
            return f"CAST(round({read.number(quantity)} * {read.cents(price)}) AS BIGINT)"
        return f"CAST(round({read.number(quantity)} * {read.number(price)} * 100) AS BIGINT)"
    name = next(
        (roles[role] for role in ("amount", "total", "gross", "net", "subtotal", "unit_price") if role in roles), ""
    )
    return read.cents(name) if name else "0"
