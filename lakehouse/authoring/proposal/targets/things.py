"""silver.products and silver.stores, where a file describes them."""

from lakehouse.authoring.proposal.order_numbers import group_key
from lakehouse.authoring.proposal.plan import Plan, TargetPlan

COLUMNS = {
    "product_name": "product_name",
    "category": "product_category",
    "product_type": "product_type",
    "brand": "brand",
}


def products(plan: Plan, has_facts: bool) -> list[TargetPlan]:
    """silver.products: of each product what most rows say."""
    if plan.items:
        return _listed(plan)
    known = {column: plan.read.text(plan.roles[role]) for role, column in COLUMNS.items() if plan.has(role)}
    if not plan.has("product_id") or not known:
        return []
    name = plan.roles["product_id"]
    key = plan.read.key(name)
    several = has_facts or plan.values[name].distinct < plan.values[name].filled
    made = {"product_id": key, **{column: f"most_frequent({sql})" if several else sql for column, sql in known.items()}}
    group = [group_key(plan, name)] if several else []
    return [TargetPlan("silver.products", made, where=f"{key} IS NOT NULL", group_by=group)]


def _listed(plan: Plan) -> list[TargetPlan]:
    """Products from a list inside each order's row."""
    assert plan.items
    items = plan.items
    known = {column: items.read.text(items.roles[role]) for role, column in COLUMNS.items() if role in items.roles}
    if "product_id" not in items.roles or not known:
        return []
    key = items.read.key(items.roles["product_id"])
    made = {"product_id": f"min({key})", **{column: f"most_frequent({sql})" for column, sql in known.items()}}
    return [TargetPlan("silver.products", made, where=f"{key} IS NOT NULL", group_by=[key], explode=items.explode())]


def stores(plan: Plan, has_facts: bool) -> list[TargetPlan]:
    """silver.stores from a list of stores; stores of sales are found by themselves."""
    columns = {role: plan.read.text(plan.roles[role]) for role in ("store_name", "city") if plan.has(role)}
    if has_facts or not columns or not plan.has("store_id") or plan.has("customer_id"):
        return []
    return [TargetPlan("silver.stores", {"store_id": plan.read.text(plan.roles["store_id"]), **columns})]
