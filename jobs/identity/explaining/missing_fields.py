"""Channels whose accounts nothing can be compared of, and which field in their exports would help most.

A field helps as far as other channels have it (there is something to compare with) and as far as its values differ.
"""

from collections.abc import Iterable
from math import log2

from jobs.identity.matching.engines import Engine

MOST = 2  # fields that are named


def notes(engine: Engine, fields: Iterable[str]) -> list[str]:
    """One sentence per channel without any usable field.

    Args:
        engine: with `cleaned`.
        fields: what conf/identity.yaml compares.
    """
    silent = engine.fetch("""SELECT channel, count(*) AS accounts FROM cleaned GROUP BY channel
        HAVING count(record_hash) = 0 AND count(company) = 0 ORDER BY channel""").to_pylist()
    if not silent:
        return []
    wanted = most_informative(engine, fields)
    help_by = f"{' or '.join(wanted)} in its exports would help most" if wanted else "no other channel has one either"
    return [
        f"none of the {row['accounts']:,} accounts of {row['channel']} has a usable field: each is a customer of "
        f"its own; {help_by}"
        for row in silent
    ]


def most_informative(engine: Engine, fields: Iterable[str]) -> list[str]:
    """The fields that say most on average, in bits, of the accounts that have any; the best first."""
    names = list(fields)
    counts = ", ".join(f"count({name}) AS known_{name}, count(DISTINCT {name}) AS distinct_{name}" for name in names)
    (row,) = engine.fetch(f"SELECT {counts} FROM cleaned WHERE record_hash IS NOT NULL").to_pylist()
    bits = {name: row[f"known_{name}"] * log2(max(row[f"distinct_{name}"], 1)) for name in names}
    return sorted((name for name in names if bits[name]), key=lambda name: (-bits[name], name))[:MOST]
