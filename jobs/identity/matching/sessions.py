"""Which compared pairs train which fields: those that a blocking rule's fields make agree train all the others."""

from collections.abc import Sequence

from jobs.identity.matching import blocking, patterns
from jobs.identity.matching.blocking import Rule
from jobs.identity.matching.semantic_types import Field


def of_rules(rules: Sequence[Rule], fields: Sequence[Field], spec: patterns.ComparisonSpec) -> list[tuple[int, ...]]:
    """Pairs that agree on a rule's fields train the other fields; a rule of one letter is one of its field."""
    sessions: list[tuple[int, ...]] = []
    for rule in rules:
        chosen = {i for part in rule for i, name in enumerate(spec.names) if _is_of(part, name)}
        if "names" in rule:
            chosen |= {i for i, f in enumerate(fields) if f.type in ("given_name", "family_name")}
        if chosen and tuple(sorted(chosen)) not in sessions:
            sessions.append(tuple(sorted(chosen)))
    return sessions


def _is_of(part: str, name: str) -> bool:
    """Whether a part of a rule is of this field: `given:1` and `given`, `birth_year` and `birth`."""
    column = blocking.field_of(part)
    return column == name or column in {f"{name}{suffix}" for suffix in ("_year", "_day_month", "_digits")}
