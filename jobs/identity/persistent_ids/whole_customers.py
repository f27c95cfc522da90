"""Decisions about all accounts of a customer at once: set apart, set apart by a field, or confirmed as one."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from jobs.identity.persistent_ids.decision_file import NEVER, SAME, DecisionLine


def split(accounts: Sequence[str], reason: str) -> list[DecisionLine]:
    """Each account is a person of its own: never between every two."""
    return _numbered([(left, right, NEVER) for left, right in combinations(sorted(accounts), 2)], reason)


def split_by(values: Mapping[str, str | None], reason: str) -> list[DecisionLine]:
    """Accounts of one value are one person, those of two values never; what has no value is left to the model.

    Args:
        values: account -> its value of the field.
    """
    groups: dict[str, list[str]] = {}
    for account in sorted(values):
        value = values[account]
        if value is not None:
            groups.setdefault(value, []).append(account)
    parts = list(groups.values())
    same = [(part[0], other, SAME) for part in parts for other in part[1:]]
    apart = [(one[0], other[0], NEVER) for one, other in combinations(parts, 2)]  # for all of both, through `same`
    return _numbered([*same, *apart], reason) if len(parts) > 1 else []


def confirm(accounts: Sequence[str], reason: str) -> list[DecisionLine]:
    """All accounts are one person, whatever a model may say."""
    first, *others = sorted(accounts)
    return _numbered([(first, other, SAME) for other in others], reason)


def _numbered(rows: Sequence[tuple[str, str, str]], reason: str) -> list[DecisionLine]:
    return [
        DecisionLine(number, min(left, right), max(left, right), decision, reason)
        for number, (left, right, decision) in enumerate(rows, 1)
    ]
