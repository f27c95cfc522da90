"""Which rows count: statuses, kinds, directions and parts of an order, as discard rules and signs."""

import re

from lakehouse.authoring.proposal.column_forms import plain
from lakehouse.authoring.proposal.count_rules import Counting, amount_of, free, rule_name
from lakehouse.authoring.proposal.document_letters import given_back
from lakehouse.authoring.proposal.header_lines import are_sums, no_product
from lakehouse.authoring.proposal.hidden_kinds import hidden_refunds
from lakehouse.authoring.proposal.meanings import holds_word, is_word
from lakehouse.authoring.proposal.nested import BACK
from lakehouse.authoring.proposal.notes import some
from lakehouse.authoring.proposal.plan import Plan, one_of
from lakehouse.authoring.proposal.row_kinds import by_kind
from lakehouse.authoring.proposal.row_statuses import ENDED, by_status, row_word, status_columns
from lakehouse.authoring.proposal.values import YES, Values

STATEMENT = re.compile(
    r"(?:^|_)(iban|bic|swift(_code)?|valuta_?datum|value_date|buchungstext|verwendungszweck|beguenstigter|auftragskonto"
    r"|counterparty|beneficiary|payee|remittance|narrative|bank_account|account_balance|libelle_operation|date_valeur"
    r"|ordenante|fecha_valor|data_valuta|tegenrekening|kontonummer|摘要|对方户名|对方账号)(?:_|$)"
)
FEWEST_WORDS = 2  # of a bank's list
ABLE = re.compile(r"able|ible|bar$|moeglich|possib|allow|insur|schutz|protect|request|可取消|可退|可能")
COUNTS = re.compile(
    r"(^|_)(quantity|qty|count|pieces|units|number|menge|anzahl|stueck|quantite|qte|cantidad|quantita)(_|$)|数量|件数"
)
MOST_LETTERS = 4
MOST_WORDS = 25  # of a column that tells kinds of rows
CAME_BACK = re.compile(
    r"(is_|was_|item_|line_)?(returned|refunded|sent_back|retourniert|zurueckgegeben|zurueckgesendet|retoure|retourne(e)?"
    r"|rembourse(e)?|devuelto|devuelta|reembolsado|reso|rimborsato|devolvido|geretourneerd|returnerad|returneret|zwrocono"
    r"|(bon_|beleg_|is_|was_)?(storno|storniert|void|voided|cancelled|canceled|annule|annulliert|anulado|annullato)"
    r"|(is_|was_)?(test|test_?(order|sale|payment|mode)|testbestellung|deleted|removed|geloescht|supprime|eliminado|usuniety)"
    r"|возврат|сторно|(аннулирован|отменен|удален)[оа]?|отмена|zruseno|stornovano|smazano|anulowan[eyoa]|usuniet[aey]"
    r"|peruttu|mitatoity|torolt|sztorno|geannuleerd|slettet|borttagen|poistettu|作废|キャンセル|取消|취소|삭제"
    r"|iade_edildi|возвращен|已退货|返品|반품)(_?(flag|yn|y_n|ja_nein|j_n))?"
)


def counting(plan: Plan) -> Counting:
    """Rules by all columns that say whether a row counts; each is a sentence, too."""
    rules = Counting()
    for name in status_columns(plan):
        by_status(plan, name, rules)
    _ended(plan, rules)
    _came_back(plan, rules)
    if plan.has("direction"):
        _direction(plan, plan.roles["direction"], rules)
    if plan.has("component"):
        _component(plan, plan.roles["component"], rules)
    if plan.has("kind"):
        by_kind(plan, plan.roles["kind"], rules)
    amount = amount_of(plan)
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
        rule = free(f"{rule_name(name)}_is_set", rules.discard)
        rules.discard[rule] = f"clean({row_word(plan, name)}) IS NOT NULL"
        plan.notes.leave_out(f"{values.filled:,} rows have a day in {name}: they do not count")
        plan.notes.ask(f"{name} is taken as the day on which a row was called off or paid back whole: is that so?")


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
        rule = free(f"{rule_name(name)}_by_flag", rules.discard)
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
    rules.discard[free(f"{rule_name(name)}_by_letter", rules.discard)] = one_of(plan.read.column(name), words)
    plan.notes.leave_out(f"{name}: rows with {some(words)} do not count")
    plan.notes.ask(
        f"{name}: rows with {some(words)} are called off, or call another off, and count nothing: is that so?"
    )


def _is_below_zero(plan: Plan, name: str) -> bool:
    """Whether all rows that say yes are below zero: they are the refunds themselves, which count."""
    amount = amount_of(plan)
    rows = zip(plan.column_values(name), plan.numbers(amount), strict=True) if amount else ()
    numbers = [number for text, number in rows if text and text.strip().lower() in YES and number is not None]
    return bool(numbers) and all(number < 0 for number in numbers)


def _is_void_flag(name: str) -> bool:
    """Whether a yes there says that nothing was sold: `cancelled`, and not `cancellable`."""
    return bool(CAME_BACK.fullmatch(name)) or bool(
        ENDED.search(name) and not ABLE.search(name) and not COUNTS.search(name)
    )


def _statement(plan: Plan, rules: Counting) -> None:
    """In a bank's list what goes out is rent and wages: no sale, and no refund that a column would tell."""
    words = [name for name in plan.sample.names if STATEMENT.search(plain(name))]
    amount = amount_of(plan)
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
