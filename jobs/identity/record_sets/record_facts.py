"""What the fields of a record file can tell, and what a reader of its linkage must know: words for the report.

A model needs two fields that each tell records apart: one alone teaches nothing about itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from jobs.identity.matching.engines import DuckDBEngine, Table
from jobs.identity.matching.semantic_types import Field

NAMES_A_THING = ("company", "free_text", "email", "phone", "national_id")  # alone, too: few things share a value
SAME_SHARE = 0.98  # two fields that are equal this often are one that was written twice
LEAST_SHARE = 0.5  # a group of more records than this share of all says that nothing tells them apart


@dataclass(frozen=True)
class FieldFacts:
    """Fields that are never filled, that have one value, that repeat another field, and the others."""

    empty: tuple[Field, ...]
    constant: tuple[Field, ...]
    repeated: tuple[Field, ...]
    informative: tuple[Field, ...]

    @property
    def used(self) -> tuple[Field, ...]:
        """The fields that are compared; those of one value where there is nothing else."""
        return self.informative or self.constant[:1]


def facts_of(engine: DuckDBEngine, fields: Sequence[Field]) -> FieldFacts:
    """Look at the columns of `cleaned`."""
    counts = ", ".join(f"count(DISTINCT {f.name}) AS {f.name}" for f in fields)
    (distinct,) = engine.fetch(f"SELECT {counts} FROM cleaned").to_pylist()
    many = [f for f in fields if distinct[f.name] > 1]
    repeated = _repeated(engine, many)
    return FieldFacts(
        tuple(f for f in fields if distinct[f.name] == 0),
        tuple(f for f in fields if distinct[f.name] == 1),
        tuple(repeated),
        tuple(f for f in many if f not in repeated),
    )


def _repeated(engine: DuckDBEngine, fields: Sequence[Field]) -> list[Field]:
    """Fields that say what one before them says: each value stands beside one value of the other, or nearly."""
    pairs = list(combinations(fields, 2))
    if not pairs:
        return []
    texts = {f.name: f"CAST({f.name} AS VARCHAR)" for f in fields}
    same = ", ".join(
        f"count(CASE WHEN {texts[a.name]} IS NOT DISTINCT FROM {texts[b.name]} THEN 1 END) * 1.0 / count(*) AS s{i}"
        for i, (a, b) in enumerate(pairs)
    )
    (shares,) = engine.fetch(f"SELECT {same} FROM cleaned").to_pylist()
    repeats = [b for i, (_, b) in enumerate(pairs) if shares[f"s{i}"] >= SAME_SHARE]
    return [f for f in fields if f in repeats]


def field_notes(facts: FieldFacts, names: dict[str, str]) -> list[str]:
    """What is wrong with fields, a sentence each.

    Args:
        names: name inside -> name as people know it.
    """
    notes = [f"'{names[f.name]}' has no usable value in any record" for f in facts.empty if f.name in names]
    notes += [
        f"'{names[f.name]}' has one value only and tells nothing apart" for f in facts.constant if f.name in names
    ]
    notes += [
        f"'{names[f.name]}' says what another field says and was left out, so that it does not count twice"
        for f in facts.repeated
        if f.name in names
    ]
    if len(facts.informative) == 1:
        notes.append(_of_one_field(facts.informative[0], names))
    return notes


def _of_one_field(field: Field, names: dict[str, str]) -> str:
    name = names.get(field.name, field.name)
    if field.type in NAMES_A_THING:
        return (
            f"only '{name}' tells records apart: those with one value of it were joined, near values were not, and "
            "nothing says how often that is right"
        )
    return f"only '{name}' tells records apart, and many things share a {field.type}: nothing was joined; add a field"


def block_notes(engine: DuckDBEngine, keys: Table, largest_block: int) -> list[str]:
    """Where the limit of a block cut.

    Args:
        keys: the blocking keys: rid, rule, key.
    """
    (alone,) = engine.fetch(
        f"WITH sized AS (SELECT key, count(*) AS n FROM {keys} GROUP BY key) SELECT count(*) AS n FROM "
        f"(SELECT k.rid FROM {keys} k JOIN sized s ON k.key = s.key GROUP BY k.rid HAVING max(n) > {largest_block} "
        f"AND count(CASE WHEN n BETWEEN 2 AND {largest_block} THEN 1 END) = 0) x"
    )["n"].to_pylist()
    if not alone:
        return []
    return [
        f"{alone:,} records were compared with nobody: all that they share with others is shared by more than "
        f"{largest_block:,} (blocking.largest_block)"
    ]


def size_notes(sizes: Sequence[int], largest_cluster: int) -> list[str]:
    """Where groups are beyond what people would be.

    Args:
        sizes: records of each thing.
    """
    notes = []
    most, total = max(sizes, default=0), sum(sizes)
    if most > largest_cluster:
        notes.append(
            f"the largest thing has {most:,} records, more than clustering.largest_cluster ({largest_cluster:,})"
        )
    if total >= 20 and most > LEAST_SHARE * total:
        notes.append(f"{most:,} of {total:,} records are one thing: the fields hardly tell them apart")
    return notes
