"""What decisions will do: which customers they join or part, and whose id stays. The night says the last word.

The rules are those of ids.py: on a merge the older id survives, then the larger customer's; on a split the part with
most accounts that were always its own keeps it, then the account that arrived first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from jobs.identity.persistent_ids.decision_file import NEVER, SAME, WITHDRAW, DecisionLine

SHOWN = 10


@dataclass(frozen=True)
class Place:
    """Where an account is: its customer, since when the account is there, and whether it came from another customer."""

    customer_id: str
    arrived_on: date
    is_native: bool = True


@dataclass(frozen=True)
class Known:
    """What previews look at: the accounts of the customers concerned, and the day that each of those ids began."""

    places: Mapping[str, Place]
    began: Mapping[str, date]

    def accounts(self, customer_id: str) -> list[str]:
        """The accounts of a customer."""
        return sorted(account for account, place in self.places.items() if place.customer_id == customer_id)


def sentences(rows: Iterable[DecisionLine], known: Known) -> list[str]:
    """One sentence per customer that is parted or joined, and one for what changes nothing."""
    rows = list(rows)
    merges, unchanged = _merges(rows, known)
    apart, more = _partings(rows, known)
    idle = unchanged + more
    withdrawn = sum(row.decision == WITHDRAW for row in rows)
    lines = [*merges, *apart]
    if idle:
        lines.append(f"{idle:,} decisions say what is so already: nobody moves, and a model cannot change it any more")
    if withdrawn:
        lines.append(f"{withdrawn:,} decisions are withdrawn: the next night groups their accounts by evidence alone")
    return [*lines[:SHOWN], *([f"... and {len(lines) - SHOWN:,} more"] if len(lines) > SHOWN else [])]


def _merges(rows: list[DecisionLine], known: Known) -> tuple[list[str], int]:
    """Sentences about customers that become one; how many decisions join what is one."""
    head: dict[str, str] = {}

    def of(customer: str) -> str:
        while (above := head.setdefault(customer, customer)) != customer:
            customer = above
        return customer

    unchanged = 0
    for row in (row for row in rows if row.decision == SAME):
        places = [known.places.get(account) for account in row.pair]
        ids = {place.customer_id for place in places if place}
        if len(ids) < 2:
            unchanged += 1
            continue
        one, other = (of(customer) for customer in sorted(ids))
        head[other] = one
    groups: dict[str, list[str]] = {}
    for customer in head:
        groups.setdefault(of(customer), []).append(customer)
    return [_merge(sorted(ids), known) for _, ids in sorted(groups.items()) if len(ids) > 1], unchanged


def _merge(ids: list[str], known: Known) -> str:
    size = {customer: len(known.accounts(customer)) for customer in ids}
    stays = min(ids, key=lambda c: (known.began.get(c, date.max), -size[c], c))
    gone = ", ".join(f"{c} ({size[c]:,} accounts)" for c in ids if c != stays)
    return f"{gone} and {stays} ({size[stays]:,} accounts) become one; the id {stays} stays"


def _partings(rows: list[DecisionLine], known: Known) -> tuple[list[str], int]:
    """Sentences about customers that are parted; how many decisions part what is apart."""
    concerned: dict[str, set[str]] = {}
    unchanged = 0
    for row in (row for row in rows if row.decision == NEVER):
        one, other = (known.places.get(account) for account in row.pair)
        if one is None or other is None or one.customer_id != other.customer_id:
            unchanged += 1
        else:
            concerned.setdefault(one.customer_id, set()).update(row.pair)
    return [_parting(customer, accounts, known) for customer, accounts in sorted(concerned.items())], unchanged


def _parting(customer: str, accounts: set[str], known: Known) -> str:
    every = known.accounts(customer)
    first = min(accounts, key=lambda a: (not known.places[a].is_native, known.places[a].arrived_on, a))
    if accounts == set(every):
        return (
            f"{customer} ({len(every):,} accounts) is parted; the id stays with {first} and what remains with it "
            "where no part is larger"
        )
    return (
        f"{customer} ({len(every):,} accounts) is parted between {len(accounts):,} of them; the others follow the "
        "evidence, and the id stays with the part that has most of its history"
    )
