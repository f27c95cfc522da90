"""Identity among people who share things: ten nights of a made-up town.

Usage: python -m benchmarks.families [--seeds N] [--first SEED]
Sixty families with one e-mail, phone, address and surname; contacts of firms on role addresses and switchboards;
fathers and sons of one name; twins; couples of two surnames; brides; a channel that gives new keys to all, and two
that become one. Each figure stands beside what it must be.
"""

import argparse
import time
from dataclasses import dataclass

import pyarrow as pa
from rich.console import Console
from rich.table import Table

from benchmarks.related_people import figures, records
from benchmarks.related_people.figures import Figures
from benchmarks.related_people.population import Person, Town
from jobs.identity.cleaners import cleaning, cleaning_settings
from jobs.identity.cleaners.record_fields import FLAGS, USED
from jobs.identity.settings.identity import Settings
from lakehouse.config.layers import Conf
from tests.identity.nights import Company

MOST_MERGED = {"family": 6, "firm": 0, "father and son": 2, "twins": 3, "couple": 0}
LEAST_PRECISION, LEAST_RECALL, MOST_BRIDES_SPLIT = 0.97, 0.96, 2
RAW = pa.schema([(name, pa.bool_() if name in FLAGS else pa.string()) for name in USED])


@dataclass(frozen=True)
class Stream:
    """How a stream of nights went."""

    company: Company
    people: list[Person]
    person_of: dict[str, str]
    last: Figures
    ids_changed: dict[str, int]


def main() -> None:
    """Print the figures of each seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first", type=int, default=1, help="seed of the first town")
    options = parser.parse_args()
    for seed in range(options.first, options.first + options.seeds):
        started = time.monotonic()
        stream = run(seed)
        Console(width=140).print(shown(stream, f"seed {seed}, {time.monotonic() - started:.0f} s"))


def run(seed: int, singles: int = 600) -> Stream:
    """Ten nights of a town."""
    conf = Conf()
    rules = cleaning_settings.rules(conf)
    company = Company(conf.settings("identity", Settings))
    people = Town(seed).populated(singles)
    right: dict[str, str] = {}
    ids_changed = {}
    for night, today, exports in records.nights(people, seed):
        company.night(cleaned(exports, rules, company.settings, today), today)
        ids = company.ids()
        if night in (records.RENUMBERED_ON, records.MERGED_ON):
            ids_changed["renumbered" if night == records.RENUMBERED_ON else "merged"] = len(
                figures.changed(right, exports.person_of, ids)
            )
        right = figures.right_people(exports.person_of, ids)
    return Stream(company, people, exports.person_of, figures.measured(people, exports.person_of, ids), ids_changed)


def cleaned(exports: records.Exports, rules: cleaning_settings.Rules, settings: Settings, today: object) -> pa.Table:
    """The night's accounts as the identity room reads them."""
    rows = [{name: row.get(name) for name in RAW.names} for row in exports.records.values()]
    return cleaning.clean(pa.Table.from_pylist(rows, RAW), rules, settings.junk, today, "secret")  # type: ignore[arg-type]


def shown(stream: Stream, title: str) -> Table:
    """One row per figure."""
    table = Table("figure", "is", "may be", title=title)
    last = stream.last
    for kind, most in MOST_MERGED.items():
        table.add_row(f"pairs merged: {kind}", f"{last.merged[kind]} of {last.pairs[kind]}", f"at most {most}")
    table.add_row("precision", f"{last.precision:.4f}", f"at least {LEAST_PRECISION}")
    table.add_row("recall", f"{last.recall:.4f}", f"at least {LEAST_RECALL}")
    table.add_row("brides split", str(last.brides_split), f"at most {MOST_BRIDES_SPLIT} of 25")
    for what, count in stream.ids_changed.items():
        table.add_row(f"ids changed, channel {what}", str(count), "0")
    return table


if __name__ == "__main__":
    main()
