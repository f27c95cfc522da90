"""Activation: which definition each version of an audience, trigger or offer stands for; a changed one is refused.

Reads   its own rows of earlier nights
Writes  activation.message_definitions, one row per audience, trigger or offer and version
"""

from collections.abc import Iterator
from datetime import date

import pyarrow as pa

from jobs.activation.occasions import definitions
from jobs.activation.settings.audiences import Settings as Settings
from lakehouse.config.layers import Conf
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query

READS = ()
READS_PREVIOUS = ("activation.message_definitions",)
WRITES = "activation.message_definitions"
CONF = ("audiences", "triggers", "offers")
FAULTS = "jobs.activation.occasions.definitions"
LINEAGE = {WRITES: {"*": ()}}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Add the versions that are new.

    Raises:
        ConfigError: a definition changed under the version that it has run by.
    """
    rows = lake.fetch(known_query()).to_pylist()
    known = {(row["kind"], row["name"], row["version"]): row["definition_hash"] for row in rows}
    for error in definitions.changed(lake.conf, known):
        raise error
    lake.publish(WRITES, new_definitions(lake.conf, known, run_date, lake), run_date)


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield known_query()


def known_query() -> Query:
    """All definitions on record."""
    return Query("SELECT * FROM {known}", {"known": WRITES})


def new_definitions(conf: Conf, known: dict[tuple[str, str, str], str], run_date: date, lake: Lake) -> pa.Table:
    """The table's rows for versions that the lake does not know."""
    rows = [
        {
            "kind": kind,
            "name": name,
            "version": message.version,
            "definition_hash": definitions.definition_hash(message),
            "first_run_date": run_date,
            "owner": message.owner,
            "description": message.description,
        }
        for subject, kind in definitions.KINDS.items()
        for name, message in definitions.messages(conf, subject).items()
        if (kind, name, message.version) not in known
    ]
    return pa.Table.from_pylist(rows, arrow_schema(lake.contracts[WRITES]))


def check(conf: Conf) -> None:
    """Stop before Spark starts where a condition cannot be used."""
    for subject in CONF:
        definitions.first_fault(conf, subject)
