"""Payments with an address on either side: what is paid back comes from the shop, and its customer is who gets it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from lakehouse.authoring.proposal.amounts import as_number
from lakehouse.authoring.proposal.expressions_of import Reader
from lakehouse.authoring.proposal.looks import EMAIL, share
from lakehouse.authoring.proposal.sniffing import Sample
from lakehouse.authoring.proposal.values import Values, judged

AMOUNTS = ("total", "gross", "amount", "net")
MOSTLY = 0.8  # of the payments go to one address: the shop's
CUSTOMER = "the customer's address of either side"


def with_customers_side(
    sample: Sample, values: dict[str, Values], roles: dict[str, str]
) -> tuple[Sample, dict[str, Values], dict[str, str]]:
    """The address of who paid; of who was paid, where the amount is below zero and the shop paid."""
    payer, amount = roles.get("email", ""), next((roles[role] for role in AMOUNTS if role in roles), "")
    if not payer or not amount or "customer_id" in roles or payer in sample.paths or amount in sample.differences:
        return sample, values, roles
    below = [(number or 0) < 0 for number in _numbers(sample, values, amount)]
    paid = next(
        (name for name in sample.names if name != payer and _is_other_side(sample, values, payer, name, below)), ""
    )
    if not paid:
        return sample, values, roles
    rows = zip(sample.columns[payer], sample.columns[paid], below, strict=True)
    texts = [to if is_below else by for by, to, is_below in rows]
    read = Reader(sample, values)
    sql = f"CASE WHEN coalesce({read.cents(amount)} < 0, false) THEN {read.column(paid)} ELSE {read.column(payer)} END"
    made = replace(
        sample,
        columns={**sample.columns, CUSTOMER: texts},
        made={**sample.made, CUSTOMER: sql},
        sides={CUSTOMER: (payer, paid)},
    )
    return made, {**values, CUSTOMER: judged(texts)}, {**roles, "email": CUSTOMER}


def _numbers(sample: Sample, values: Mapping[str, Values], name: str) -> list[float | None]:
    amounts = values[name].amounts
    return [as_number(text, amounts.mark if amounts else ".") for text in sample.columns[name]]


def _is_other_side(sample: Sample, values: Mapping[str, Values], payer: str, name: str, below: list[bool]) -> bool:
    """Whether payments go to one address there, and what is below zero comes from this one."""
    if share(values[name], lambda text: EMAIL.fullmatch(text) is not None) < MOSTLY:
        return False
    pairs = [
        ((by or "").strip().lower(), (to or "").strip().lower())
        for by, to in zip(sample.columns[payer], sample.columns[name], strict=True)
    ]
    counts = Counter(to for (_, to), is_below in zip(pairs, below, strict=True) if to and not is_below)
    if not counts:
        return False
    own, often = counts.most_common(1)[0]
    from_shop = [by == own for (by, _), is_below in zip(pairs, below, strict=True) if is_below and by]
    return often >= MOSTLY * sum(counts.values()) and any(from_shop) and all(from_shop)
