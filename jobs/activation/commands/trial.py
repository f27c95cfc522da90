"""What audiences or triggers would do tonight, counted over a lake as its last night left it: DuckDB, no write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pyarrow as pa

from jobs.activation import audiences as job
from jobs.activation.contactability import contactability_query
from jobs.activation.occasions import definitions, funnel
from jobs.activation.occasions.funnel import Funnel
from jobs.activation.settings.audiences import Audience, Message
from jobs.activation.settings.contact_policy import Settings as Policy
from jobs.activation.settings.triggers import Trigger
from lakehouse.config.findings import nearest
from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError
from lakehouse.lake.local_tables import LocalTables
from lakehouse.sql.query import Query


@dataclass(frozen=True)
class Trial:
    """What one of them would do: its funnel, what held back most at each stage, some of those who are left."""

    funnel: Funnel
    held_back: tuple[tuple[str, int], ...]
    examples: tuple[tuple[str, str, str], ...]
    note: str = ""


def trials(conf: Conf, subject: str, names: Sequence[str] = (), as_of: date | None = None) -> list[Trial]:
    """Try the chosen audiences or triggers; all for no names.

    Raises:
        ConfigError: a name that is not in conf, with the nearest; a fault of the file; no night yet.
    """
    for fault in definitions.faults(conf, subject):
        raise fault
    chosen = _chosen(definitions.messages(conf, subject), names, f"{subject}.yaml")
    tables = LocalTables(conf, as_of)
    policy = conf.settings("contact_policy", Policy)
    contactability = tables.answer(contactability_query(tables.run_date, policy))
    query = _query(chosen, policy, tables.run_date)
    placed = tables.answer(replace(query, tables={**query.tables, "contactability": contactability}))
    found = _of(tables, definitions.KINDS[subject], list(chosen), placed)
    known = [row["interaction_type"] for row in tables.answer(job.types_query()).to_pylist()]
    return [replace(one, note=_note(one.funnel, chosen[one.funnel.name], known)) for one in found]


def _note(of: Funnel, message: Message, known: Sequence[str]) -> str:
    """Where it is empty, and which of its events nothing brings."""
    events = job.unknown_events({of.name: message}, known) if isinstance(message, Trigger) else ""
    return "; ".join(filter(None, (of.note(), events)))


def _query(chosen: Mapping[str, Message], policy: Policy, run_date: date) -> Query:
    audiences = {name: one for name, one in chosen.items() if isinstance(one, Audience)}
    if audiences:
        return job.audience_query(audiences, policy, run_date)
    return job.firing_query({n: one for n, one in chosen.items() if isinstance(one, Trigger)}, policy, run_date)


def _chosen(known: Mapping[str, Message], names: Sequence[str], where: str) -> dict[str, Message]:
    for name in names:
        if name not in known:
            raise ConfigError(f"there is no '{name}'", where, nearest(name, known) or "add it")
    return {name: message for name, message in known.items() if not names or name in names}


def _of(tables: LocalTables, kind: str, names: Sequence[str], placed: pa.Table) -> list[Trial]:
    counts = tables.answer(job.counts_query(placed)).to_pylist()
    lost = tables.answer(job.lost_query(placed)).to_pylist()
    told = "evidence" if "evidence" in placed.column_names else "segment"
    columns = placed.select(["name", "customer_id", "channel", told, "stage_number"])
    left = sorted((row for row in columns.to_pylist() if row["stage_number"] == 5), key=lambda row: row["customer_id"])
    return [
        Trial(
            one,
            tuple((row["rule"], row["customer_count"]) for row in lost if row["name"] == one.name),
            tuple((row["customer_id"], row["channel"], row[told]) for row in left if row["name"] == one.name)[:5],
        )
        for one in funnel.funnels(kind, names, counts, lost)
    ]
