"""A part of models.churn_examples: features of further tables, joined to what the purchases say."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Part:
    """Attributes: steps (named queries of a WITH), columns (name -> expression), joins (to the purchases' sums s)."""

    columns: Mapping[str, str]
    steps: Mapping[str, str] = field(default_factory=dict)
    joins: str = ""


def absent(types: Mapping[str, str]) -> Part:
    """The columns where none of the tables is looked at."""
    return Part({name: f"CAST(NULL AS {kind})" for name, kind in types.items()})


def with_sql(*parts: Part) -> str:
    """The steps of all parts as the beginning of a query; empty where there are none."""
    steps = [f"{name} AS ({sql})" for part in parts for name, sql in part.steps.items()]
    return f"WITH {', '.join(steps)}" if steps else ""
