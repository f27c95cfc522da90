"""Which column is the amount: an order's total (once), or each line's; net, gross, and what is apart."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations

from lakehouse.authoring.proposal.column_forms import plain
from lakehouse.authoring.proposal.plan import Plan
from lakehouse.authoring.proposal.roles import place_of

ENOUGH = 0.95
CLOSE = 0.011
Numbers = list[float | None]
LOOKED_AT = 300  # rows by which sums across columns are judged


@dataclass(frozen=True)
class Money:
    """How amounts are read.

    Args:
        total: column of the order's total; '' where the lines are summed.
        line: column of a line's amount; '' where quantity x price makes it, or there is none.
        is_product: a line's amount is quantity x price.
    """

    total: str = ""
    line: str = ""
    is_product: bool = False


def money_of(plan: Plan) -> Money:
    """Choose the order's total and the line's amount, and say why."""
    columns = {role: plan.roles[role] for role in ("total", "gross", "amount", "net", "subtotal") if plan.has(role)}
    wholes = {role: name for role, name in columns.items() if is_order_level(plan, name)}
    lines = {role: name for role, name in columns.items() if role not in wholes}
    several = any(len(rows) > 1 for rows in plan.rows_by_order.values())
    total = _best(plan, wholes, ("total", "gross", "amount", "net", "subtotal")) if several else ""
    total = before_fees(plan, total)
    if total and total != plan.roles.get("total") and not plan.has("unit_price"):
        plan.notes.ask(f"{total} is the same on all rows of an order: taken as its total, once; or is it each row's?")
    single = not several and not plan.has("product_id")
    order = ("amount", "gross", "net", "total", "subtotal")
    if single:
        lines, order = columns, ("total", "gross", "amount", "net", "subtotal")
    line = "" if total and _has_product(plan) else before_fees(plan, _best(plan, lines, order))
    if line and not several and _is_other_total(plan, line):
        plan.notes.ask(f"{line} is taken as the order's amount, not {plan.roles['total']}: is that so?")
    if line and _is_price(plan, line):
        plan.notes.ask(f"{line} is the same whatever the quantity: is it the price of one piece?")
    if not line and _has_product(plan) and _is_of_line(plan, plan.roles["unit_price"]):
        price = plan.roles["unit_price"]
        plan.notes.ask(
            f"{price} grows with {plan.roles['quantity']}: taken as the line's amount, not a piece's price; is it?"
        )
        return Money(total, price)
    return Money(total, line, not line and _has_product(plan))


def _has_product(plan: Plan) -> bool:
    return plan.has("unit_price")


def is_order_level(plan: Plan, name: str) -> bool:
    """Whether a column's value is the order's: one value on all its lines, or on its first line alone."""
    if plan.paid_parts or are_payments(plan):
        return False
    numbers = plan.numbers(name)
    several = [rows for rows in plan.rows_by_order.values() if len(rows) > 1]
    filled = [[numbers[row] for row in rows if numbers[row] is not None] for rows in several]
    known = [values for values in filled if values]
    if len(known) < 3 or len(known) < 0.5 * len(several):
        return False
    alone = sum(len(values) == 1 for values in known)
    same = sum(len(set(values)) == 1 for values in known)
    if alone < ENOUGH * len(known) and same < ENOUGH * len(known):
        return False
    return alone >= ENOUGH * len(known) or not _is_line_product(plan, numbers)


OWED = re.compile(
    r"(^|_)(due|balance|remaining|rest\w*|open|offen\w*|outstanding|solde|saldo|reste|pendiente)(_|$)|余|残|尾款"
)
PAID = re.compile(r"paid|payment|bezahlt|geleistet|verse|pagad|pagat|betaald|betalt|anzahlung")  # of the price itself
DEPOSITS = re.compile(  # what is given back at the end; one on bottles is a part of the price
    r"(^|_)(deposit|kaution|caution|fianza|cauzione|caucao|borg|waarborg|depositum|kaucja|kauce|depozito)(_|$)|залог"
    r"|押金|保证金|敷金|보증금"
)
PAYMENT = re.compile(
    r"((payment|txn|transaction|charge|capture|instal?ment|zahlungs?|transaktions?|pago|paiement|pagamento|betaling|rate|cuota|echeance"
    r"|parcela|rata)s?_?(id|no|nr|num|number|nummer|ref|reference|key|of)?|(支付|付款|交易)(流水号|单号|编号)|期数|分期)"
)


def are_payments(plan: Plan) -> bool:
    """Whether the rows of an order are its payments: each has a payment number of its own, and names nothing bought."""
    if any(plan.has(role) for role in ("product_id", "product_name", "quantity", "unit_price")):
        return False
    several = [rows for rows in plan.rows_by_order.values() if len(rows) > 1]
    for name in plan.sample.names:
        if name == plan.roles.get("order_id") or not PAYMENT.fullmatch(plain(name)):
            continue
        texts = plan.column_values(name)
        told = [len({texts[row] for row in rows if texts[row]}) == len(rows) for rows in several]
        if told and all(told):
            plan.notes.ask(f"rows of an order have a {name} each: they are its payments, and added up; is that so?")
            return True
    return False


def _is_line_product(plan: Plan, numbers: list[float | None]) -> bool:
    """Whether quantity x price is the very amount, row by row: then it is the line's, equal lines or not."""
    if not plan.has("quantity", "unit_price"):
        return False
    triples = zip(plan.numbers(plan.roles["quantity"]), plan.numbers(plan.roles["unit_price"]), numbers, strict=True)
    checked = [abs(q * p - n) < CLOSE for q, p, n in triples if q is not None and p is not None and n is not None]
    return bool(checked) and sum(checked) >= ENOUGH * len(checked)


def _is_other_total(plan: Plan, line: str) -> bool:
    """Whether a column that is called the order's total says something else than the one that is taken."""
    total = plan.roles.get("total", line)
    return total != line and any(
        abs(whole - part) > CLOSE
        for whole, part in zip(plan.numbers(total), plan.numbers(line), strict=True)
        if whole is not None and part is not None
    )


def _is_price(plan: Plan, name: str) -> bool:
    """Whether an amount stays the same for one product while its quantity changes."""
    if not plan.has("quantity", "product_id") or plan.has("unit_price"):
        return False
    amounts: dict[str | None, set[float | None]] = {}
    pieces: dict[str | None, set[float | None]] = {}
    rows = zip(
        plan.column_values(plan.roles["product_id"]),
        plan.numbers(name),
        plan.numbers(plan.roles["quantity"]),
        strict=True,
    )
    for product, amount, quantity in rows:
        amounts.setdefault(product, set()).add(amount)
        pieces.setdefault(product, set()).add(quantity)
    varied = [product for product, found in pieces.items() if len(found) > 1]
    return len(varied) >= 3 and sum(len(amounts[product]) == 1 for product in varied) >= ENOUGH * len(varied)


def _is_of_line(plan: Plan, name: str) -> bool:
    """Whether a price divided by its quantity is a product's own, while the price itself changes with the quantity."""
    product = plan.roles.get("product_id") or plan.roles.get("product_name")
    if not product or not plan.has("quantity"):
        return False
    prices: dict[str | None, set[float]] = {}
    pieces: dict[str | None, set[float]] = {}
    rows = zip(plan.column_values(product), plan.numbers(name), plan.numbers(plan.roles["quantity"]), strict=True)
    for key, price, quantity in rows:
        if price and quantity:
            prices.setdefault(key, set()).add(price)
            pieces.setdefault(key, set()).add(round(price / quantity, 2))
    varied = [key for key, found in prices.items() if len(found) > 1]
    return len(varied) >= 3 and sum(len(pieces[key]) == 1 for key in varied) >= ENOUGH * len(varied)


def _best(plan: Plan, columns: Mapping[str, str], order: tuple[str, ...]) -> str:
    """The amount that a customer paid: after discounts, tax included, before what payment services keep."""
    if "gross" in columns and "net" in columns:
        chosen = _gross_or_net(plan, columns["gross"], columns["net"])
        rest = {role: name for role, name in columns.items() if role not in ("gross", "net")}
        first = _best(plan, rest, order) if any(role in rest for role in ("total", "amount")) else ""
        return first or chosen
    return next((columns[role] for role in order if role in columns), "")


def _gross_or_net(plan: Plan, gross: str, net: str) -> str:
    pairs = list(zip(plan.numbers(gross), plan.numbers(net), strict=True))
    if plan.has("discount") and _explains(pairs, plan.numbers(plan.roles["discount"])) and not plan.has("fee"):
        plan.notes.find(f"{net} is {gross} less {plan.roles['discount']}: taken, since discounts are off")
        if plan.has("tax"):
            plan.notes.leave_out(f"{plan.roles['tax']}: it stands apart from {net} and is not added")
        return net
    if plan.has("fee"):
        plan.notes.find(f"{gross} is what the customer paid; {net} is less {plan.roles['fee']}")
    elif plan.has("tax"):
        plan.notes.find(f"{gross} is taken, tax included; {net} is without")
    else:
        plan.notes.ask(f"{gross} is taken as what the customer paid, {net} is not used: is that so?")
    return gross


def _explains(pairs: list[tuple[float | None, float | None]], parts: list[float | None]) -> bool:
    checked = [
        abs(g - abs(p or 0) - n) < CLOSE or abs(g - n) < CLOSE or abs(g + abs(p or 0) - n) < CLOSE
        for (g, n), p in zip(pairs, parts, strict=True)
        if g is not None and n is not None
    ]
    return bool(checked) and sum(checked) >= ENOUGH * len(checked)


def before_fees(plan: Plan, chosen: str) -> str:
    """The column that an amount is made from by taking a marketplace's or payment service's fee off: what was paid.

    Where another column than a known one is taken off, that is asked.
    """
    if not chosen:
        return ""
    known = {plan.roles[role] for role in TAKEN_OFF if plan.has(role)}
    others = [name for name in plan.sample.names if name != chosen and plan.values[name].is_number]
    numbers = {name: plan.numbers(name, LOOKED_AT) for name in (*others, chosen)}
    if rest := _without_deposit(plan, chosen, others, numbers):
        return rest
    for off, whole in permutations(others, 2):
        is_tax = place_of("tax", off) is not None
        if (off in known and not is_tax) or not _is_less(numbers[whole], numbers[off], numbers[chosen]):
            continue
        if is_tax:
            plan.notes.find(f"{chosen} is {whole} less {off}: {whole} is taken, tax included")
            return whole
        if place_of("fee", off) is not None:
            plan.notes.find(f"{chosen} is {whole} less {off}: {whole} is taken, what the customer paid")
            return whole
        plan.notes.ask(f"{chosen} is {whole} less {off} and is taken: or is {off} a fee, and {whole} what was paid?")
        return chosen
    return chosen


def _without_deposit(plan: Plan, chosen: str, others: list[str], numbers: Mapping[str, Numbers]) -> str:
    """What is left of an amount without the deposit in it; '' where none is in it, or it is a part of the price."""
    for deposit in [name for name in others if DEPOSITS.search(plain(name)) and not PAID.search(plain(name))]:
        for rest in [name for name in others if name != deposit and not OWED.search(plain(name))]:
            if _is_less(numbers[chosen], numbers[deposit], numbers[rest]):
                plan.notes.ask(f"{chosen} is {rest} and {deposit}: {rest} is taken, as a deposit goes back; is it so?")
                return rest
    return ""


TAKEN_OFF = ("discount", "tax", "shipping", "tip", "refunded", "quantity")


def _is_less(wholes: Numbers, offs: Numbers, chosen: Numbers) -> bool:
    """Whether an amount is another one less a third, in nearly all rows and never nothing."""
    rows = [
        (whole, off, left)
        for whole, off, left in zip(wholes, offs, chosen, strict=True)
        if whole is not None and off is not None and left is not None and (whole or off)
    ]
    checked = [bool(off) and _takes_off(whole, off, left) for whole, off, left in rows]
    is_rule = 2 * len(checked) >= sum(bool(left) for left in chosen)  # a tax of nothing on all other rows says nothing
    return bool(checked) and is_rule and sum(checked) >= ENOUGH * len(checked)


def _takes_off(whole: float, off: float, left: float) -> bool:
    """Whether an amount less another one is the third, whose sign ever the second bears: a refund's fee comes back."""
    is_more = abs(whole) >= max(abs(off), abs(left))
    signed = is_more and min(abs(whole + off - left), abs(whole - off - left)) < CLOSE
    return signed or abs(whole - abs(off) - left) < CLOSE
