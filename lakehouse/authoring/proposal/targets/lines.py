"""silver.order_lines, where rows or lists name products."""

from lakehouse.authoring.proposal.count_rules import Counting
from lakehouse.authoring.proposal.currencies import currency_sql, item_currency_sql
from lakehouse.authoring.proposal.header_lines import header_rows, no_product
from lakehouse.authoring.proposal.money import Money
from lakehouse.authoring.proposal.order_numbers import OrderNumber, order_number
from lakehouse.authoring.proposal.plan import Items, Plan, TargetPlan
from lakehouse.authoring.proposal.targets.amounts import item_cents, line_cents, signed, when


def order_lines(plan: Plan, rules: Counting, number: OrderNumber, money: Money) -> list[TargetPlan]:
    """Lines of orders with amounts."""
    if plan.items:
        return _listed(plan, rules, number)
    product = plan.roles.get("product_id") or plan.roles.get("product_name")
    if not product:
        if plan.has("quantity") and any(len(rows) > 1 for rows in plan.rows_by_order.values()):
            plan.notes.ask("orders have several rows and no column names what was bought: no order lines; which does?")
        return []
    columns = {"order_id": number.sql, **_place(plan), **when(plan), "product_id": plan.read.key(product)}
    if plan.has("quantity"):
        columns["quantity"] = plan.read.number(plan.roles["quantity"])
    amount = money.line or (plan.roles.get("unit_price", "") if money.is_product else "")
    priced = bool(amount) or plan.has("unit_price")
    if currency := currency_sql(plan, amount or plan.roles.get("unit_price", "")):
        columns["currency"] = currency
    columns["sales_cents"] = signed(line_cents(plan, money), rules) if priced else "0"
    if not plan.has("product_id"):
        plan.notes.ask(f"no product number was found; {product} stands for it")
    if not priced:
        plan.notes.ask("no amount of a line was found; it is taken as 0")
    discard = rules.discard | rules.not_lines
    if heads := header_rows(plan):
        discard["names_no_product"] = no_product(plan)
        plan.notes.leave_out(f"{len(heads):,} rows name no product beside lines of their order: they are no lines")
    return [TargetPlan("silver.order_lines", columns, discard=discard)]


def _place(plan: Plan) -> dict[str, str]:
    return {"store_id": plan.read.text(plan.roles["store_id"])} if plan.has("store_id") else {}


def priceless_lines(plan: Plan, rules: Counting) -> list[TargetPlan]:
    """Baskets without prices: what was bought together, for rules."""
    product = plan.roles.get("product_id") or plan.roles["product_name"]
    number = order_number(plan, rules, Money())
    columns = {"order_id": number.sql, **_place(plan), **(when(plan) if plan.has("date") else {})}
    columns["product_id"] = plan.read.key(product)
    if plan.has("quantity"):
        columns["quantity"] = plan.read.number(plan.roles["quantity"])
    columns["sales_cents"] = "0"
    amount = next((plan.roles[r] for r in ("amount", "unit_price", "total", "gross", "net") if plan.has(r)), "")
    if amount:
        columns["sales_cents"] = _amount(plan, amount)
    else:
        plan.notes.ask("no amount of a line was found; it is taken as 0")
    if not plan.has("product_id"):
        plan.notes.ask(f"no product number was found; {product} stands for it")
    return [TargetPlan("silver.order_lines", columns, discard=dict(rules.discard))]


def _amount(plan: Plan, name: str) -> str:
    is_product = name == plan.roles.get("unit_price") and plan.has("quantity")
    return line_cents(plan, Money(line="" if is_product else name, is_product=is_product))


def _path(items: Items) -> str:
    """Where the list stands, as its keys."""
    return ".".join(key for key in (items.column, items.path) if key)


def _listed(plan: Plan, rules: Counting, number: OrderNumber) -> list[TargetPlan]:
    """Lines from a list inside each order's row."""
    assert plan.items
    items = plan.items
    product = next((items.roles[role] for role in ("product_id", "product_name") if role in items.roles), "")
    if not product:
        plan.notes.leave_out(f"{items.column}: nothing in it names a product")
        if any(role in items.roles for role in ("quantity", "unit_price", "amount", "total")):
            plan.notes.ask(
                f"{_path(items)} lists what was bought, and no key names it: no order lines; which one does?"
            )
        return []
    columns = {"order_id": number.sql, **_place(plan), **when(plan), "product_id": items.read.key(product)}
    if "quantity" in items.roles:
        columns["quantity"] = items.read.number(items.roles["quantity"])
    if currency := item_currency_sql(plan):
        columns["currency"] = currency
    columns["sales_cents"] = signed(item_cents(plan), rules)
    return [TargetPlan("silver.order_lines", columns, discard=dict(rules.discard), explode=items.explode())]
