"""The funnel of each audience and trigger: how many customers are left after each stage, and what took the others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from jobs.activation.occasions.passing import STAGES

SAID = {
    "meant": "nobody is meant tonight",
    "reachable": "none of its channels reaches anybody of the {before:,} meant",
    "consented": "none of its {before:,} reachable customers may be contacted, most by the rule {lost_to}",
    "under_the_caps": "all of its {before:,} customers have had enough messages, most by the rule {lost_to}",
    "not_held_out": "all of its {before:,} customers are held out",
}


@dataclass(frozen=True)
class Funnel:
    """What is left of one audience or trigger after each of STAGES; lost_to: the rule that took most before it."""

    kind: str
    name: str
    counts: tuple[int, ...]
    lost_to: tuple[str | None, ...]

    @property
    def empty_at(self) -> int | None:
        """The place of the first stage without a customer; None where some are left at the end."""
        return next((place for place, count in enumerate(self.counts) if not count), None)

    def note(self) -> str:
        """Why nobody is left, "" where somebody is."""
        place = self.empty_at
        if place is None:
            return ""
        before = self.counts[place - 1] if place else 0
        said = SAID[STAGES[place]].format(before=before, lost_to=self.lost_to[place])
        return f"the {self.kind} {self.name} is empty at the stage {STAGES[place]}: {said}"


def funnels(
    kind: str, names: Iterable[str], counted: Sequence[Mapping[str, Any]], lost: Sequence[Mapping[str, Any]]
) -> list[Funnel]:
    """The funnels of these names.

    Args:
        counted: the rows of `passing.counts_sql`.
        lost: those of `passing.lost_sql`.
    """
    count = {(row["name"], row["stage_number"]): row["customer_count"] for row in counted}
    numbers = range(1, len(STAGES) + 1)
    return [
        Funnel(
            kind,
            name,
            tuple(count.get((name, number), 0) for number in numbers),
            tuple(_most(name, number - 1, lost) for number in numbers),
        )
        for name in names
    ]


def _most(name: str, reached: int, lost: Sequence[Mapping[str, Any]]) -> str | None:
    here = [row for row in lost if row["name"] == name and row["stage_number"] == reached]
    return max(here, key=lambda row: (row["customer_count"], row["rule"]))["rule"] if here else None


def rows(run_date: date, made: Iterable[Funnel]) -> pa.Table:
    """The rows of activation.funnels."""
    schema = pa.schema(
        {
            "run_date": pa.date32(),
            "kind": pa.string(),
            "name": pa.string(),
            "stage_number": pa.int32(),
            "stage": pa.string(),
            "customer_count": pa.int64(),
            "lost_to": pa.string(),
        }
    )
    found = [
        {
            "run_date": run_date,
            "kind": one.kind,
            "name": one.name,
            "stage_number": place + 1,
            "stage": stage,
            "customer_count": one.counts[place],
            "lost_to": one.lost_to[place],
        }
        for one in made
        for place, stage in enumerate(STAGES)
    ]
    return pa.Table.from_pylist(found, schema)
