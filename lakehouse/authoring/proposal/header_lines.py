"""Rows above an order's lines that name no product: the order itself, with what its lines come to."""

from lakehouse.authoring.proposal.plan import Plan

FEWEST = 2
MOSTLY = 0.9
CENT = 0.011


def header_rows(plan: Plan) -> dict[int, list[int]]:
    """Rows without a product -> the rows of the same order that have one; {} where these are not the rule."""
    products = [plan.roles[role] for role in ("product_id", "product_name") if plan.has(role)]
    if not products or plan.items or not plan.has("order_id"):
        return {}
    columns = [plan.column_values(name) for name in products]
    named = [any(text and text.strip() for text in row) for row in zip(*columns, strict=True)]
    alone = [at for rows in plan.rows_by_order.values() for at in rows if not named[at]]
    found = {}
    for rows in plan.rows_by_order.values():
        heads, lines = [at for at in rows if not named[at]], [at for at in rows if named[at]]
        if len(heads) == 1 and lines:
            found[heads[0]] = lines
    return found if len(found) >= FEWEST and len(found) >= MOSTLY * len(alone) else {}


def no_product(plan: Plan) -> str:
    """SQL: a row names no product."""
    products = [plan.roles[role] for role in ("product_id", "product_name") if plan.has(role)]
    return " AND ".join(f"{plan.read.text(name)} IS NULL" for name in products)


def are_sums(plan: Plan, name: str) -> bool:
    """Whether such rows have the sum of their lines in a column that the lines have, too."""
    numbers = plan.numbers(name)
    rows = [(at, lines) for at, lines in header_rows(plan).items() if all(numbers[line] is not None for line in lines)]
    same = sum(abs((numbers[at] or 0) - sum(numbers[line] or 0 for line in lines)) < CENT for at, lines in rows)
    return len(rows) >= FEWEST and same >= MOSTLY * len(rows)
