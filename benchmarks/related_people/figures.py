"""What became of the people: who was merged with whom, and whose id changed without need."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

from benchmarks.related_people.population import Person, of_kind


@dataclass(frozen=True)
class Figures:
    """Pairs of people that are one customer, of so many; shares are 0 to 1."""

    precision: float
    recall: float
    merged: dict[str, int]
    pairs: dict[str, int]
    brides_split: int


def measured(people: Sequence[Person], person_of: Mapping[str, str], ids: Mapping[str, str]) -> Figures:
    """The figures of one night.

    Args:
        person_of: account_id -> person; ids: account_id -> customer_id.
    """
    held: dict[str, set[str]] = defaultdict(set)
    for account, whose in person_of.items():
        held[whose].add(ids[account])
    true = sum(comb(n, 2) for n in Counter(person_of.values()).values())
    together = sum(comb(n, 2) for n in Counter(ids[account] for account in person_of).values())
    right = sum(comb(n, 2) for n in Counter((person_of[a], ids[a]) for a in person_of).values())
    kinds = ("family", "firm", "father and son", "twins", "couple")
    groups = {kind: list(of_kind(people, kind).values()) for kind in kinds}
    pairs = {kind: [pair for group in groups[kind] for pair in combinations(group, 2)] for kind in kinds}
    merged = {kind: sum(bool(held[a.name] & held[b.name]) for a, b in pairs[kind]) for kind in kinds}
    brides = sum(len(held[one.name]) > 1 for one in people if one.kind == "bride")
    return Figures(
        right / together if together else 1.0,
        right / true if true else 1.0,
        merged,
        {kind: len(found) for kind, found in pairs.items()},
        brides,
    )


def right_people(person_of: Mapping[str, str], ids: Mapping[str, str]) -> dict[str, str]:
    """By person the customer_id, of those whose accounts are one customer and nobody else's."""
    held, holders = defaultdict(set), defaultdict(set)
    for account, whose in person_of.items():
        held[whose].add(ids[account])
        holders[ids[account]].add(whose)
    whole = {whose: next(iter(own)) for whose, own in held.items() if len(own) == 1}
    return {whose: own for whose, own in whole.items() if len(holders[own]) == 1}


def changed(before: Mapping[str, str], person_of: Mapping[str, str], ids: Mapping[str, str]) -> list[str]:
    """Who was right before and has not kept the id."""
    now = defaultdict(set)
    for account, whose in person_of.items():
        now[whose].add(ids[account])
    return sorted(whose for whose, own in before.items() if whose in now and own not in now[whose])
