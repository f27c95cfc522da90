"""Which rows count: statuses, kinds, directions and parts of an order, as discard rules and signs."""

from dataclasses import dataclass, field

from lakehouse.authoring.proposal import looks
from lakehouse.authoring.proposal.meanings import is_word
from lakehouse.authoring.proposal.notes import some
from lakehouse.authoring.proposal.plan import Plan, one_of
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
REFUNDS = ("refund", "return", "credit note", "credit memo", "chargeback", "reversal", "gutschrift", "storno", "退款")


@dataclass
class Counting:
    """Rules for rows.

    Args:
        discard: rule -> condition.
        flags: flag -> condition over a row, for words that come later and that nobody knows yet.
        is_refund: SQL, true for a row that gives back; '' where rows do not tell.
    """

    discard: dict[str, str] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)
    is_refund: str = ""


def counting(plan: Plan) -> Counting:
    """Rules by all columns that say whether a row counts; each is a sentence, too."""
    rules = Counting()
    for name in status_columns(plan):
        _status(plan, name, rules)
    if plan.has("direction"):
        _direction(plan, plan.roles["direction"], rules)
    if plan.has("component"):
        _component(plan, plan.roles["component"], rules)
    if plan.has("kind"):
        _kind(plan, plan.roles["kind"], rules)
    return rules


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
    ]
    return [*named, *others]


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
    back = [w for w in words if (is_word(w, "void") and is_word(w, "refund")) or w.lower() in GIVEN_BACK]
    void = [w for w in words if is_word(w, "void") and (w not in back or not plan.has("refunded"))]
    unknown = [w for w in words if not is_word(w, "void") and not is_word(w, "counted")]
    standard = (*VOID, *(() if plan.has("refunded") else GIVEN_BACK))
    rule = f"not_counted_by_{_rule_name(name)}"
    rules.discard[rule] = one_of(column, [*void, *standard])
    known = one_of(plan.read.column(name), [*words, *COUNTED, *standard])
    rules.flags[f"{_rule_name(name)}_not_known"] = f"NOT coalesce({known}, true)"
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


def _called_off(plan: Plan, name: str, column: str, rules: Counting) -> None:
    """`cancelled: yes` or `paid: no`."""
    word = name.lower()
    if any(part in word for part in ("cancel", "void", "storn", "annul", "anul", "refunded", "deleted")):
        rules.discard["called_off"] = f"coalesce(yes({column}), false)"
    elif any(part in word for part in ("paid", "bezahlt", "pay", "complete")):
        rules.discard["not_paid"] = f"NOT coalesce(yes({column}), true)"
    else:
        plan.notes.ask(f"{name} is yes or no ({some(plan.values[name].counts)}): it is not used")
        return
    count = sum(n for text, n in plan.values[name].counts.items() if text.lower() in YES)
    plan.notes.ask(f"{name} says yes on {count:,} rows: rows that are called off or not paid do not count; is that so?")


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
    refunds = [w for w in words if is_word(w, "refund")]
    sales = [w for w in words if is_word(w, "sale") and w not in refunds]
    others = [w for w in words if w not in refunds and w not in sales]
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


def _rule_name(name: str) -> str:
    plain = "".join(c if c.isascii() and c.isalnum() else "_" for c in name.lower()).strip("_")
    return "_".join(part for part in plain.split("_") if part) or "status"
