"""Statuses of orders: cancelled, pending and refunded ones do not count, words that nobody knows are asked."""

import re
from collections.abc import Mapping

from lakehouse.authoring.proposal import looks
from lakehouse.authoring.proposal.column_forms import plain
from lakehouse.authoring.proposal.count_rules import Counting, all_below_zero, free, is_void, rule_name
from lakehouse.authoring.proposal.hidden_kinds import beside_their_sales
from lakehouse.authoring.proposal.meanings import is_word, parts_of, plain_word
from lakehouse.authoring.proposal.notes import some
from lakehouse.authoring.proposal.plan import Plan, one_of
from lakehouse.authoring.proposal.roles import place_of
from lakehouse.authoring.proposal.values import YES

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
PAYMENTS = re.compile(
    r"pay|paid|zahl|instal|paiement|pago|pagam|betaal|betal|platnosc|plateb|оплат|付款|支付|支払|결제"
)
ENDED = re.compile(
    r"(cancel|void|storn|annul|anul|refund|chargeback|revers|delet|geloescht|erstatt|rembours|reembols|rimbors|terugbetaal"
    r"|makul|zwrot|zwroc|iade|estorn|devuel|отмен|возвращ|取消|退款|退货|作废|취소|반품|환불|キャンセル)(?!.*(deadline|until|policy|bis|before|reason|by$))"
)


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
    return bool(ENDED.search(plain(name))) and any(is_void(word) for word in words)


def _is_about_orders(name: str) -> bool:
    word = name.lower()
    return "fulfil" not in word and "contact" not in word and "email" not in word and "lead" not in word


def row_word(plan: Plan, name: str) -> str:
    """The status of a row; of its order, where only the order's first line has it."""
    column = plan.read.column(name)
    values = plan.values[name]
    order = plan.roles.get("order_id")
    if order and values.filled < values.rows and any(len(rows) > 1 for rows in plan.rows_by_order.values()):
        return f"max({column}) OVER (PARTITION BY _source_file, {plan.read.column(order)})"
    return column


def by_status(plan: Plan, name: str, rules: Counting) -> None:
    """Rules by a column whose words tell how far an order has come."""
    values, column = plan.values[name], row_word(plan, name)
    if values.kind == "flag":
        _called_off(plan, name, column, rules)
        return
    words = list(values.counts)
    below = _below_zero(plan, name)  # their rows are the refunds themselves
    back = [w for w in words if (is_word(w, "void") and is_word(w, "refund")) or w.lower() in GIVEN_BACK]
    if again := beside_their_sales(plan, name, [word for word in words if is_void(word) and word not in below]):
        rules.is_refund = f"coalesce({one_of(column, again)}, false)"
        plan.notes.ask(
            f"{name}: rows that say {some(again)} stand beside the sale with its amount: taken off it; is that so?"
        )
        below = [*below, *again]
    planned = [w for w in words if is_word(w, "planned")] if PAYMENTS.search(plain(name)) else []
    void = [w for w in words if is_void(w) and w not in below and (w not in back or not plan.has("refunded"))]
    void += [w for w in [*planned, *_only_reserved(words)] if w not in void]
    unknown = [w for w in words if w not in void and not _is_counted(w) and w not in below]
    standard = (*VOID, *(() if plan.has("refunded") or below else GIVEN_BACK))
    if below and not again:
        plan.notes.find(f"{name}: rows that say {some(below)} are below zero: refunds, which count")
    rule = free(f"not_counted_by_{rule_name(name)}", rules.discard)
    rules.discard[rule] = one_of(column, [*void, *standard])
    known = one_of(plan.read.column(name), [*words, *COUNTED, *standard])
    rules.flags[free(f"{rule_name(name)}_not_known", rules.flags)] = f"NOT coalesce({known}, true)"
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


def _only_reserved(words: list[str]) -> list[str]:
    """Words for money that is reserved, where another one says that it was taken."""
    taken = [word for word in words if plain_word(word) in CAPTURED]
    return [word for word in words if plain_word(word) in RESERVED] if taken else []


RESERVED = (
    "authorized",
    "authorised",
    "autorisiert",
    "autorisé",
    "autorizado",
    "autorizzato",
    "reserved",
    "reserviert",
)
CAPTURED = ("captured", "settled", "capturado", "capturé", "erfasst", "eingezogen", "charged")


def _is_counted(word: str) -> bool:
    """Whether a status, or a part of it, says that the sale counts."""
    return any(is_word(part, "counted") for part in (word, *parts_of(word)))


def _below_zero(plan: Plan, name: str) -> list[str]:
    """Words for what was given back whose rows all have amounts below zero."""
    return [word for word in all_below_zero(plan, name) if is_word(word, "refund")]


def _called_off(plan: Plan, name: str, column: str, rules: Counting) -> None:
    """`cancelled: yes` or `paid: no`."""
    word = name.lower()
    if any(part in word for part in CALLED_OFF):
        rules.discard[free("called_off", rules.discard)] = f"coalesce(yes({column}), false)"
    elif any(part in word for part in PAID):
        rules.discard[free("not_paid", rules.discard)] = f"NOT coalesce(yes({column}), true)"
    else:
        plan.notes.ask(f"{name} is yes or no ({some(plan.values[name].counts)}): it is not used")
        return
    said = sum(n for text, n in plan.values[name].counts.items() if text.lower() in YES)
    plan.notes.ask(f"{name} says yes on {said:,} rows: rows that are called off or not paid do not count; is that so?")
