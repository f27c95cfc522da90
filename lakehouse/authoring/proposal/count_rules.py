"""Rules that say which rows count, and what finding them shares."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain, count

from lakehouse.authoring.proposal.meanings import holds_word, is_word, parts_of
from lakehouse.authoring.proposal.plan import Plan


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


def amount_of(plan: Plan) -> str:
    """The column with what a row comes to; '' where none has it."""
    return next((plan.roles[role] for role in ("total", "gross", "amount", "net") if plan.has(role)), "")


def all_below_zero(plan: Plan, name: str) -> list[str]:
    """Words whose rows all have amounts below zero."""
    amount = amount_of(plan)
    numbers: dict[str, list[float]] = {}
    for text, number in zip(plan.column_values(name), plan.numbers(amount), strict=True) if amount else ():
        if text and number is not None:
            numbers.setdefault(text.strip(), []).append(number)
    return [word for word, found in numbers.items() if all(number < 0 for number in found)]


def is_void(word: str) -> bool:
    """Whether a status says that nothing was sold, `Sale cancelled by the buyer` as well as `cancelled`."""
    if any(is_word(part, "void") for part in (word, *parts_of(word))):
        return True
    return holds_word(word, "void") and not holds_word(word, "counted")


def rule_name(name: str) -> str:
    """A column's name as a part of a rule's."""
    word = "".join(c if c.isascii() and c.isalnum() else "_" for c in name.lower()).strip("_")
    return "_".join(part for part in word.split("_") if part) or "status"


def free(rule: str, taken: Mapping[str, str]) -> str:
    """The rule's name, with a number where another column's rule has it: names of other scripts leave no letters."""
    return next(name for name in chain([rule], (f"{rule}_{number}" for number in count(2))) if name not in taken)
