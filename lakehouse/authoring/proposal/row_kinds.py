"""Kinds of rows: sales, what gives back, and rows that tell the same money again."""

import re
from collections.abc import Mapping

from lakehouse.authoring.proposal.count_rules import Counting, all_below_zero, amount_of, is_void
from lakehouse.authoring.proposal.meanings import holds_word, is_word
from lakehouse.authoring.proposal.notes import some
from lakehouse.authoring.proposal.plan import Plan, one_of
from lakehouse.authoring.proposal.roles import place_of

FEWEST_ROWS = 3
CENT = 0.011
MOST_KINDS = 2  # kinds of rows from which on one may tell another's money
GERMAN = ("sr", "gs", "gu", "gut", "ar", "tr", "ls", "ab", "an", "wkr")  # codes of German documents beside RE
GIVEN_BACK = ("sr", "gs", "gu", "gut")  # of them: Stornorechnung and Gutschrift
VOIDED = re.compile(r"(?i)storno|void|annul|anul|cancel|сторно|取消|作废")
REFUNDS = ("refund", "return", "credit note", "credit memo", "chargeback", "reversal", "gutschrift", "storno", "退款")


def by_kind(plan: Plan, name: str, rules: Counting) -> None:
    """Rules by a column whose words tell sales from refunds, payments and the like."""
    words = plan.values[name].counts
    column = plan.read.column(name)
    below = all_below_zero(plan, name)  # a sale that was called off stands once more, with its sign turned
    refunds = [w for w in words if is_word(w, "refund") or holds_word(w, "refund") or (w in below and is_void(w))]
    if _are_german(words):
        refunds = [w for w in words if w.lower() in GIVEN_BACK or (w in refunds and w.lower() != "re")]
    voided = [word for word in refunds if word in below and VOIDED.search(word)]
    at_once = [word for word in voided if _within_their_orders(plan, name, word)]
    refunds = [word for word in refunds if word not in at_once]
    sold = _without_payments(plan, name, _sales(plan, name, [*refunds, *at_once, *plan.sample.payments]))
    sales = plan.paid_parts or [*_told_once(plan, name, sold, rules), *at_once]
    if at_once:
        plan.notes.find(f"{name}: {some(at_once)} are below zero beside what was sold at that moment: off their order")
    if place_of("kind", name) is None and refunds:
        plan.notes.ask(
            f"{name} tells kinds by its words alone: {some(refunds)} give back, {some(sales)} are sold; is it so?"
        )
    if plan.paid_parts:
        plan.notes.ask(f"{name}: {some(sales)} are taken as parts in which an order is paid, and added up: is that so?")
    others = [w for w in words if w not in refunds and w not in sales]
    _turned(plan, name, sales, rules)
    rules.is_refund = f"coalesce({one_of(column, [*refunds, *REFUNDS])}, false)"
    rules.flags["kind_not_known"] = f"NOT coalesce({one_of(column, [*words, *REFUNDS])}, true)"
    if refunds:
        plan.notes.find(
            f"{name}: {some(refunds)} ({sum(words[w] for w in refunds):,} rows) give back: orders below zero"
        )
    if others:
        rules.discard["other_kind"] = one_of(column, others)
        plan.notes.leave_out(
            f"{name}: {some(others)} ({sum(words[w] for w in others):,} rows) are neither sales nor refunds"
        )
        plan.notes.ask(
            f"{name} has {some(words)}: {some(sales) or 'none'} are sales, {some(others)} do not count: is that so?"
        )


def _are_german(words: Mapping[str, int]) -> bool:
    """Whether RE is a Rechnung, and no return: codes of other German documents stand beside it."""
    codes = {word.lower() for word in words}
    return "re" in codes and bool(codes & set(GERMAN))


def _within_their_orders(plan: Plan, name: str, word: str) -> bool:
    """Whether each row of a word stands in an order of the same moment as rows of another word: voided at the till."""
    if not plan.has("order_id", "date") or not (plan.has("product_id") or plan.has("product_name")):
        return False
    keys = [plan.roles[role] for role in ("order_id", "date", "time") if plan.has(role)]
    rows = list(zip(plan.column_values(name), *(plan.column_values(key) for key in keys), strict=True))
    others = {row[1:] for row in rows if (row[0] or "").strip() != word}
    own = [row[1:] for row in rows if (row[0] or "").strip() == word]
    return bool(own) and all(key in others for key in own)


def _without_payments(plan: Plan, name: str, sales: list[str]) -> list[str]:
    """The words for sales without those for payments, where invoices stand beside them: these are what was paid."""
    paid = [word for word in sales if is_word(word, "paid_bill")]
    billed = [word for word in sales if is_word(word, "billed")]
    if not paid or not billed or plan.values[name].kind == "flag":
        return sales
    plan.notes.ask(
        f"{name}: {some(paid)} are taken as what was paid for {some(billed)}, and as no further sales: is it so?"
    )
    return [word for word in sales if word not in paid]


def _turned(plan: Plan, name: str, sales: list[str], rules: Counting) -> None:
    """A wallet's ledger has what was bought below zero, and what was loaded above."""
    amount = amount_of(plan)
    rows = zip(plan.column_values(name), plan.numbers(amount), strict=True) if amount else ()
    numbers = [number for text, number in rows if text and text.strip() in sales and number]
    if len(numbers) >= FEWEST_ROWS and all(number < 0 for number in numbers):
        rules.is_turned = True
        plan.notes.ask(f"{amount} is below zero where {name} says {some(sales)}: sales are taken the other way round")


def _sales(plan: Plan, name: str, refunds: list[str]) -> list[str]:
    """Words for sales: those that are known, else those that hold a known one, else the most frequent of the others."""
    out = [word for word in all_below_zero(plan, name) if holds_word(word, "paid_out")]
    rest = [word for word in plan.values[name].counts if word not in refunds and word not in out]
    if invoices := [word for word in rest if word.lower() == "re"]:  # a Rechnung
        return invoices
    for test in (is_word, holds_word):
        if known := [word for word in rest if test(word, "sale")]:
            return known
    most = max(rest, key=lambda word: plan.values[name].counts[word], default="")
    if most:
        plan.notes.ask(f"{name}: no word for sales is known; {most}, the most frequent, is taken as one: is it?")
    return [most] if most else []


def _told_once(plan: Plan, name: str, sales: list[str], rules: Counting) -> list[str]:
    """The words for sales without those that tell the same money again: a sale, its lines and its payment."""
    sums = order_sums(plan, name, sales)
    filled = [word for word in sales if any(sums.get(word, {}).values())]
    several = [word for word in filled if _tells_again(sums[word], [sums[other] for other in filled if other != word])]
    if len(several) < MOST_KINDS:
        return filled or sales
    column, product = plan.read.column(name), plan.roles.get("product_id") or plan.roles.get("product_name")
    header = next(word for word in sales if word in several)
    line = max(several, key=lambda word: _filled(plan, name, word, product)) if product else header
    plan.notes.find(f"{name}: {some(several)} tell the same money; orders are {header}, lines are {line}")
    plan.notes.ask(
        f"{name}: {some(several)} add up to the same in each order; {header} is taken for orders: is that so?"
    )
    others = [word for word in plan.values[name].counts if word not in several]
    rules.not_orders["told_again"] = one_of(column, [word for word in several if word != header])
    rules.not_lines["told_again"] = one_of(column, [word for word in several if word != line])
    return [*several, *(word for word in filled if word not in several and word in others)]


def order_sums(plan: Plan, name: str, words: list[str]) -> dict[str, dict[str, float]]:
    """Word -> order -> the sum of its rows' amounts."""
    amount = amount_of(plan)
    sums: dict[str, dict[str, float]] = {}
    if not amount or not plan.has("order_id"):
        return sums
    rows = zip(plan.column_values(name), plan.column_values(plan.roles["order_id"]), plan.numbers(amount), strict=True)
    for text, order, number in rows:
        if text and order and text.strip() in words and number is not None:
            of_word = sums.setdefault(text.strip(), {})
            of_word[order] = of_word.get(order, 0.0) + number
    return sums


def _tells_again(own: dict[str, float], others: list[dict[str, float]]) -> bool:
    """Whether some other word has the same sum in nearly all orders that both stand in."""
    for other in others:
        both = [order for order in own if order in other]
        same = sum(abs(own[order] - other[order]) < CENT for order in both)
        if both and len(both) >= 0.5 * len(own) and same >= 0.95 * len(both):
            return True
    return False


def _filled(plan: Plan, name: str, word: str, product: str) -> int:
    """Rows of a word that name a product."""
    rows = zip(plan.column_values(name), plan.column_values(product), strict=True)
    return sum(bool(text) and text.strip() == word and bool(item and item.strip()) for text, item in rows)  # type: ignore[union-attr]
