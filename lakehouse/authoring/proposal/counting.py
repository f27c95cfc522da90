"""Which rows count: statuses, kinds, directions and parts of an order, as discard rules and signs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain, count

from lakehouse.authoring.proposal import looks
from lakehouse.authoring.proposal.column_forms import plain
from lakehouse.authoring.proposal.document_letters import given_back
from lakehouse.authoring.proposal.header_lines import are_sums, no_product
from lakehouse.authoring.proposal.hidden_kinds import beside_their_sales, hidden_refunds
from lakehouse.authoring.proposal.meanings import holds_word, is_word, parts_of
from lakehouse.authoring.proposal.nested import BACK
from lakehouse.authoring.proposal.notes import some
from lakehouse.authoring.proposal.plan import Plan, one_of
from lakehouse.authoring.proposal.roles import place_of
from lakehouse.authoring.proposal.values import YES, Values

VOID = (
    "cancelled",
    "canceled",
    "voided",
    "void",
    "failed",
    "declined",
    "expired",
    "pending",
    "on-hold",
    "unpaid",
    "draft",
)
COUNTED = ("paid", "complete", "completed", "processing", "shipped", "delivered", "fulfilled", "closed", "invoiced")
GIVEN_BACK = ("refunded", "returned", "chargeback", "reversed")
CALLED_OFF = ("cancel", "void", "storn", "annul", "anul", "refunded", "deleted", "gelösch", "makul", "test", "отмен")
PAID = ("paid", "bezahlt", "pay", "pagad", "pagat", "betaal", "betal", "complete", "оплач")
STATEMENT = re.compile(
    r"(?:^|_)(iban|bic|swift(_code)?|valuta_?datum|value_date|buchungstext|verwendungszweck|beguenstigter|auftragskonto"
    r"|counterparty|beneficiary|payee|remittance|narrative|bank_account|account_balance|libelle_operation|date_valeur"
    r"|ordenante|fecha_valor|data_valuta|tegenrekening|kontonummer|摘要|对方户名|对方账号)(?:_|$)"
)
FEWEST_WORDS = 2  # of a bank's list
ENDED = re.compile(
    r"(cancel|void|storn|annul|anul|refund|chargeback|revers|delet|geloescht|erstatt|rembours|reembols|rimbors|terugbetaal"
    r"|makul|zwrot|zwroc|iade|estorn|devuel|отмен|возвращ|取消|退款|退货|作废|취소|반품|환불|キャンセル)(?!.*(deadline|until|policy|bis|before|reason|by$))"
)
ABLE = re.compile(r"able|ible|bar$|moeglich|possib|allow|insur|schutz|protect|request|可取消|可退|可能")
PAYMENTS = re.compile(
    r"pay|paid|zahl|instal|paiement|pago|pagam|betaal|betal|platnosc|plateb|оплат|付款|支付|支払|결제"
)
FEWEST_ROWS = 3
MOST_LETTERS = 4
CENT = 0.011
MOST_WORDS = 25  # of a column that tells kinds of rows
MOST_KINDS = 2  # kinds of rows from which on one may tell another's money
REFUNDS = ("refund", "return", "credit note", "credit memo", "chargeback", "reversal", "gutschrift", "storno", "退款")


@dataclass
class Counting:
    """Rules for rows.

    Args:
        discard: rule -> condition.
        not_orders: further ones of orders alone, where each sale has a row and its lines have rows of their own.
        not_lines: further ones of lines alone.
        flags: flag -> condition over a row, for words that come later and that nobody knows yet.
        is_refund: SQL, true for a row that gives back; '' where rows do not tell.
        is_turned: what is sold stands below zero, as in the ledger of who pays.
    """

    discard: dict[str, str] = field(default_factory=dict)
    not_orders: dict[str, str] = field(default_factory=dict)
    not_lines: dict[str, str] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)
    is_refund: str = ""
    is_turned: bool = False


def counting(plan: Plan) -> Counting:
    """Rules by all columns that say whether a row counts; each is a sentence, too."""
    rules = Counting()
    for name in status_columns(plan):
        _status(plan, name, rules)
    _ended(plan, rules)
    _came_back(plan, rules)
    if plan.has("direction"):
        _direction(plan, plan.roles["direction"], rules)
    if plan.has("component"):
        _component(plan, plan.roles["component"], rules)
    if plan.has("kind"):
        _kind(plan, plan.roles["kind"], rules)
    amount = _amount(plan)
    if not rules.is_refund and not plan.has("direction") and amount:
        rules.is_refund = given_back(plan, amount) or hidden_refunds(plan, amount)
    if not plan.has("direction") and not plan.has("order_id"):
        _statement(plan, rules)
    if plan.sample.all_back:
        rules.is_refund = "true"
        plan.notes.ask(f"every row gives back {amount}: orders below zero, beside the sales of another file; is it so?")
    if plan.sample.settled:
        rules.discard["payments"] = f"{plan.read.text(amount)} IS NULL"
        plan.notes.ask(
            f"{plan.sample.settled} clears {amount} of each order: taken as payments, and no sales; is it so?"
        )
    if amount and are_sums(plan, amount):
        rules.discard["sum_of_its_lines"] = no_product(plan)
        plan.notes.ask(f"rows without a product have what the lines of their order come to in {amount}: left out?")
    for credit, _ in plan.sample.differences.values():
        _charges(plan, credit, rules)
    return rules


def _ended(plan: Plan, rules: Counting) -> None:
    """Rows that have a day on which they were called off or paid back do not count."""
    for name in plan.sample.names:
        values = plan.values[name]
        is_free = name not in plan.roles.values() and name not in plan.sample.paths
        if not is_free or not values.is_date or not 0 < values.filled < values.rows or not ENDED.search(plain(name)):
            continue
        if BACK.search(plain(name)) and plan.has("refunded"):
            continue
        rule = _free(f"{_rule_name(name)}_is_set", rules.discard)
        rules.discard[rule] = f"clean({_row_word(plan, name)}) IS NOT NULL"
        plan.notes.leave_out(f"{values.filled:,} rows have a day in {name}: they do not count")
        plan.notes.ask(f"{name} is taken as the day on which a row was called off or paid back whole: is that so?")


CAME_BACK = re.compile(
    r"(is_|was_|item_|line_)?(returned|refunded|sent_back|retourniert|zurueckgegeben|zurueckgesendet|retoure|retourne(e)?"
    r"|rembourse(e)?|devuelto|devuelta|reembolsado|reso|rimborsato|devolvido|geretourneerd|returnerad|returneret|zwrocono"
    r"|(bon_|beleg_|is_|was_)?(storno|storniert|void|voided|cancelled|canceled|annule|annulliert|anulado|annullato)"
    r"|(is_|was_)?(test|test_?(order|sale|payment|mode)|testbestellung|deleted|removed|geloescht|supprime|eliminado|usuniety)"
    r"|iade_edildi|возвращен|已退货|返品|반품)(_?(flag|yn|y_n|ja_nein|j_n))?"
)


def _came_back(plan: Plan, rules: Counting) -> None:
    """Rows whose goods came back by a yes or no do not count."""
    for name in plan.sample.names:
        values = plan.values[name]
        if name in plan.roles.values() or not _is_void_flag(plain(name)):
            continue
        if _is_by_letters(values):
            _void_by_letters(plan, name, rules)
            continue
        if values.kind != "flag":
            continue
        said = sum(n for text, n in values.counts.items() if text.lower() in YES)
        if not said or _is_below_zero(plan, name):
            continue
        rule = _free(f"{_rule_name(name)}_by_flag", rules.discard)
        rules.discard[rule] = f"coalesce(yes({plan.read.column(name)}), false)"
        plan.notes.leave_out(f"{name}: {said:,} rows say yes: what came back or never was does not count")
        plan.notes.ask(
            f"{name} says yes on {said:,} rows: they are taken as given back or void, and count nothing: is that so?"
        )


def _is_by_letters(values: Values) -> bool:
    """Whether N stands beside Y and other letters: C is the document that calls another one off."""
    words = [word.lower() for word in values.counts]
    return 2 < len(words) <= MOST_LETTERS and "n" in words and all(len(word) == 1 for word in words)


def _void_by_letters(plan: Plan, name: str, rules: Counting) -> None:
    words = [word for word in plan.values[name].counts if word.lower() != "n"]
    rules.discard[_free(f"{_rule_name(name)}_by_letter", rules.discard)] = one_of(plan.read.column(name), words)
    plan.notes.leave_out(f"{name}: rows with {some(words)} do not count")
    plan.notes.ask(
        f"{name}: rows with {some(words)} are called off, or call another off, and count nothing: is that so?"
    )


def _is_below_zero(plan: Plan, name: str) -> bool:
    """Whether all rows that say yes are below zero: they are the refunds themselves, which count."""
    amount = _amount(plan)
    rows = zip(plan.column_values(name), plan.numbers(amount), strict=True) if amount else ()
    numbers = [number for text, number in rows if text and text.strip().lower() in YES and number is not None]
    return bool(numbers) and all(number < 0 for number in numbers)


def _is_void_flag(name: str) -> bool:
    """Whether a yes there says that nothing was sold: `cancelled`, and not `cancellable`."""
    return bool(CAME_BACK.fullmatch(name)) or bool(ENDED.search(name) and not ABLE.search(name))


def _statement(plan: Plan, rules: Counting) -> None:
    """In a bank's list what goes out is rent and wages: no sale, and no refund that a column would tell."""
    words = [name for name in plan.sample.names if STATEMENT.search(plain(name))]
    amount = _amount(plan)
    out = [number for number in plan.numbers(amount) if number is not None and number < 0] if amount else []
    if len(words) < FEWEST_WORDS or not out:
        return
    rules.discard["went_out"] = f"coalesce({plan.read.cents(amount)} < 0, false)"
    plan.notes.leave_out(f"{amount}: {len(out):,} rows below zero are what went out of an account")
    plan.notes.ask(f"{amount} below zero is what the company paid, and no refund to a customer: is that so?")


def _charges(plan: Plan, credit: str, rules: Counting) -> None:
    """Rows of what goes out that a column calls charges or fees: what a wallet takes for its service is no refund."""
    comes_in = [number is not None for number in plan.numbers(credit)]
    for name in plan.sample.names:
        counts = plan.values[name].counts
        words = [word for word in counts if holds_word(word, "charge")] if len(counts) <= MOST_WORDS else []
        rows = [i for i, text in enumerate(plan.column_values(name)) if text and text.strip() in words]
        if not rows or any(comes_in[i] for i in rows):
            continue
        rules.discard["charges"] = f"coalesce({one_of(plan.read.column(name), words)}, false)"
        plan.notes.leave_out(f"{name}: {some(words)} ({len(rows):,} rows) are charges, and no refunds")
        plan.notes.ask(f"{name} has {some(counts)}: {some(words)} are no refunds and do not count: is that so?")
        return


def status_columns(plan: Plan) -> list[str]:
    """Columns whose words are statuses of orders: the one that is called so, and others that say cancelled, paid."""
    named = [plan.roles["status"]] if plan.has("status") else []
    taken = set(plan.roles.values())
    others = [
        name
        for name, values in plan.values.items()
        if name not in taken
        and looks.can_be("status", name, values)
        and values.kind == "text"
        and _is_about_orders(name)
        and _tells_status(name, values.counts)
    ]
    return [*named, *others]


def _tells_status(name: str, words: Mapping[str, int]) -> bool:
    """Whether the name, or a word for what counts, says that it is one; or both say that a row was called off."""
    if place_of("status", name) is not None or any(is_word(word, "counted") for word in words):
        return True
    return bool(ENDED.search(plain(name))) and any(_is_void(word) for word in words)


def _is_about_orders(name: str) -> bool:
    word = name.lower()
    return "fulfil" not in word and "contact" not in word and "email" not in word and "lead" not in word


def _row_word(plan: Plan, name: str) -> str:
    """The status of a row; of its order, where only the order's first line has it."""
    column = plan.read.column(name)
    values = plan.values[name]
    order = plan.roles.get("order_id")
    if order and values.filled < values.rows and any(len(rows) > 1 for rows in plan.rows_by_order.values()):
        return f"max({column}) OVER (PARTITION BY _source_file, {plan.read.column(order)})"
    return column


def _status(plan: Plan, name: str, rules: Counting) -> None:
    values, column = plan.values[name], _row_word(plan, name)
    if values.kind == "flag":
        _called_off(plan, name, column, rules)
        return
    words = list(values.counts)
    below = _below_zero(plan, name)  # their rows are the refunds themselves
    back = [w for w in words if (is_word(w, "void") and is_word(w, "refund")) or w.lower() in GIVEN_BACK]
    if again := beside_their_sales(plan, name, [word for word in words if _is_void(word) and word not in below]):
        rules.is_refund = f"coalesce({one_of(column, again)}, false)"
        plan.notes.ask(
            f"{name}: rows that say {some(again)} stand beside the sale with its amount: taken off it; is that so?"
        )
        below = [*below, *again]
    planned = [w for w in words if is_word(w, "planned")] if PAYMENTS.search(plain(name)) else []
    void = [w for w in words if _is_void(w) and w not in below and (w not in back or not plan.has("refunded"))]
    void += [w for w in planned if w not in void]
    unknown = [w for w in words if w not in void and not _is_counted(w) and w not in below]
    standard = (*VOID, *(() if plan.has("refunded") or below else GIVEN_BACK))
    if below and not again:
        plan.notes.find(f"{name}: rows that say {some(below)} are below zero: refunds, which count")
    rule = _free(f"not_counted_by_{_rule_name(name)}", rules.discard)
    rules.discard[rule] = one_of(column, [*void, *standard])
    known = one_of(plan.read.column(name), [*words, *COUNTED, *standard])
    rules.flags[_free(f"{_rule_name(name)}_not_known", rules.flags)] = f"NOT coalesce({known}, true)"
    if void:
        counted = [w for w in words if w not in void]
        plan.notes.leave_out(f"{name}: {some(void)} ({sum(values.counts[w] for w in void):,} rows) do not count")
        plan.notes.ask(
            f"{name} has {some(words, 12)}: {some(counted) or 'none'} count, {some(void)} do not: is that so?"
        )
    if unknown:
        plan.notes.ask(
            f"{name} has {some(unknown)}, which are not known: they count; add those that must not to {rule}"
        )


def _is_counted(word: str) -> bool:
    """Whether a status, or a part of it, says that the sale counts."""
    return any(is_word(part, "counted") for part in (word, *parts_of(word)))


def _is_void(word: str) -> bool:
    """Whether a status says that nothing was sold, `Sale cancelled by the buyer` as well as `cancelled`."""
    if any(is_word(part, "void") for part in (word, *parts_of(word))):
        return True
    return holds_word(word, "void") and not holds_word(word, "counted")


def _amount(plan: Plan) -> str:
    return next((plan.roles[role] for role in ("total", "gross", "amount", "net") if plan.has(role)), "")


def _below_zero(plan: Plan, name: str) -> list[str]:
    """Words for what was given back whose rows all have amounts below zero."""
    return [word for word in _all_below_zero(plan, name) if is_word(word, "refund")]


def _all_below_zero(plan: Plan, name: str) -> list[str]:
    """Words whose rows all have amounts below zero."""
    amount = _amount(plan)
    numbers: dict[str, list[float]] = {}
    for text, number in zip(plan.column_values(name), plan.numbers(amount), strict=True) if amount else ():
        if text and number is not None:
            numbers.setdefault(text.strip(), []).append(number)
    return [word for word, found in numbers.items() if all(number < 0 for number in found)]


def _called_off(plan: Plan, name: str, column: str, rules: Counting) -> None:
    """`cancelled: yes` or `paid: no`."""
    word = name.lower()
    if any(part in word for part in CALLED_OFF):
        rules.discard[_free("called_off", rules.discard)] = f"coalesce(yes({column}), false)"
    elif any(part in word for part in PAID):
        rules.discard[_free("not_paid", rules.discard)] = f"NOT coalesce(yes({column}), true)"
    else:
        plan.notes.ask(f"{name} is yes or no ({some(plan.values[name].counts)}): it is not used")
        return
    said = sum(n for text, n in plan.values[name].counts.items() if text.lower() in YES)
    plan.notes.ask(f"{name} says yes on {said:,} rows: rows that are called off or not paid do not count; is that so?")


def _direction(plan: Plan, name: str, rules: Counting) -> None:
    words = plan.values[name].counts
    income = [w for w in words if is_word(w, "income")]
    others = [w for w in words if w not in income]
    rules.discard["no_income"] = f"NOT coalesce({one_of(plan.read.column(name), income)}, false)"
    plan.notes.find(f"{name}: {some(income)} are sales")
    if others:
        plan.notes.leave_out(f"{name}: {some(others)} ({sum(words[w] for w in others):,} rows) are no sales")


def _component(plan: Plan, name: str, rules: Counting) -> None:
    words = plan.values[name].counts
    principal = [w for w in words if is_word(w, "principal")]
    others = [w for w in words if w not in principal]
    rules.discard["not_the_price"] = f"NOT coalesce({one_of(plan.read.column(name), principal)}, false)"
    plan.notes.find(f"each row is a part of an order ({name}): sales are {some(principal)}")
    plan.notes.leave_out(f"{name}: {some(others)} ({sum(words[w] for w in others):,} rows): tax, fees and the like")
    plan.notes.ask(
        f"sales are the rows with {name} {some(principal)}: goods without tax, shipping and fees; is that meant?"
    )


def _kind(plan: Plan, name: str, rules: Counting) -> None:
    words = plan.values[name].counts
    column = plan.read.column(name)
    below = _all_below_zero(plan, name)  # a sale that was called off stands once more, with its sign turned
    refunds = [w for w in words if is_word(w, "refund") or holds_word(w, "refund") or (w in below and _is_void(w))]
    sold = _without_payments(plan, name, _sales(plan, name, [*refunds, *plan.sample.payments]))
    sales = plan.paid_parts or _told_once(plan, name, sold, rules)
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
    amount = _amount(plan)
    rows = zip(plan.column_values(name), plan.numbers(amount), strict=True) if amount else ()
    numbers = [number for text, number in rows if text and text.strip() in sales and number]
    if len(numbers) >= FEWEST_ROWS and all(number < 0 for number in numbers):
        rules.is_turned = True
        plan.notes.ask(f"{amount} is below zero where {name} says {some(sales)}: sales are taken the other way round")


def _sales(plan: Plan, name: str, refunds: list[str]) -> list[str]:
    """Words for sales: those that are known, else those that hold a known one, else the most frequent of the others."""
    rest = [word for word in plan.values[name].counts if word not in refunds]
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
    amount = _amount(plan)
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


def _rule_name(name: str) -> str:
    word = "".join(c if c.isascii() and c.isalnum() else "_" for c in name.lower()).strip("_")
    return "_".join(part for part in word.split("_") if part) or "status"


def _free(rule: str, taken: Mapping[str, str]) -> str:
    """The rule's name, with a number where another column's rule has it: names of other scripts leave no letters."""
    return next(name for name in chain([rule], (f"{rule}_{number}" for number in count(2))) if name not in taken)
