"""What the review queue's first questions are worth: how many of them touch a customer that is wrong.

Usage: python -m benchmarks.questions [--first 100] [--seed 1] [--lake LAKE --truth ACCOUNTS_CSV]
One row per company: made-up ones whose people bought for sums that differ as they do (a few for much, many for
little), or the lake that is named, beside its truth. A customer is wrong that has accounts of two people, or lacks an
account of its person. Where fewer customers are wrong than would fill the list, that is the most there can be.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from benchmarks import families
from benchmarks.people import ErrorRates, people
from jobs.identity.cleaners import cleaning, cleaning_settings
from jobs.identity.settings.identity import Settings
from lakehouse.config.layers import Conf
from tests.identity.nights import Company

LEAST_SHARE = 0.6  # of the first questions that must touch a wrong customer
NIGHT = date(2025, 3, 1)
ROUGH = ErrorRates(slip_per_field=0.2, missing_per_field=0.2, swapped_names=0.05, turned_date=0.08, moved=0.15)
COLUMNS = ("company", "questions", "asked", "touch a wrong customer", "wrong customers", "of all questions")
Question = Mapping[str, Any]


def main() -> int:
    """Exit code 1 where fewer are worth asking than must be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lake", type=Path)
    parser.add_argument("--truth", type=Path, help="channel, channel_key, person_id of the lake's accounts")
    options = parser.parse_args()
    companies = [of_lake(options.lake, options.truth)] if options.lake else made_up(options.seed)
    table, behind = Table(*COLUMNS), 0
    for name, questions, customer_of, person_of in companies:
        wrong = wrong_customers(customer_of, person_of)
        asked = sorted((q for q in questions if q["subject"] != "value"), key=lambda q: q["priority"])
        hits = [bool({q["customer_id_left"], q["customer_id_right"]} & wrong) for q in asked]
        first = hits[: options.first]
        behind += sum(first) < min(LEAST_SHARE * len(first), len(wrong))
        table.add_row(name, *map(str, (len(asked), len(first), sum(first), len(wrong), sum(hits))))
    Console(width=140).print(table)
    return 1 if behind else 0


def wrong_customers(customer_of: Mapping[str, str], person_of: Mapping[str, str]) -> set[str]:
    """Customers with accounts of several people, or without one of their person's.

    Args:
        customer_of: account -> customer; person_of: account -> person, as the truth is.
    """
    people_of, customers_of = defaultdict(set), defaultdict(set)
    for account, person in person_of.items():
        people_of[customer_of[account]].add(person)
        customers_of[person].add(customer_of[account])
    is_split = {person for person, customers in customers_of.items() if len(customers) > 1}
    return {customer for customer, people_ in people_of.items() if len(people_) > 1 or people_ & is_split}


def made_up(seed: int) -> list[tuple[str, Sequence[Question], dict[str, str], dict[str, str]]]:
    """A town of families and firms after its first night, and people with usual and with many faults."""
    town, person_of = next(iter(_town(seed)))
    made = [("families and firms", town, person_of)]
    for name, rates in (("people", ErrorRates()), ("many faults", ROUGH)):
        rows = people(6_000, seed=seed, error_rates=rates).rename(columns={"channel": "source"})
        rows["channel"] = rows.pop("source")
        made.append((name, rows.drop(columns="person"), dict(zip(rows["account_id"], rows["person"], strict=True))))
    companies = []
    for name, records, whose in made:
        company = _night(records, whose, seed)
        companies.append((name, company.review, company.ids(), whose))
    return companies


def _town(seed: int) -> Any:
    town = families.Town(seed).populated(600)
    _, _, exports = next(families.records.nights(town, seed))
    yield pd.DataFrame(exports.records.values()), exports.person_of


def _night(records: pd.DataFrame, person_of: Mapping[str, str], seed: int) -> Company:
    conf = Conf()
    settings = conf.settings("identity", Settings)
    rows = pa.Table.from_pylist(
        [{name: _told(row.get(name)) for name in families.RAW.names} for row in records.to_dict("records")],
        families.RAW,
    )
    company = Company(settings)
    draw = np.random.default_rng(seed)
    spent = {
        person: int(cents)
        for person, cents in zip(
            sorted(set(person_of.values())), np.exp(draw.normal(8.5, 1.2, len(set(person_of.values())))), strict=True
        )
    }
    company.values = {account: spent[person] for account, person in person_of.items() if draw.random() < 0.6}
    company.night(cleaning.clean(rows, cleaning_settings.rules(conf), settings.junk, NIGHT, "secret"), NIGHT)
    return company


def _told(value: Any) -> Any:
    return None if pd.isna(value) else value


def of_lake(lake: Path, truth: Path) -> tuple[str, Sequence[Question], dict[str, str], dict[str, str]]:
    """The queue of a lake, and who its accounts are."""
    from deltalake import DeltaTable

    questions, mapped, accounts = (
        DeltaTable(str(lake / place)).to_pyarrow_table(columns=columns).to_pylist()
        for place, columns in (
            ("identity/review_queue", None),
            ("identity/customer_map", ["account_id", "customer_id"]),
            ("silver/customers", ["account_id", "channel", "account_key"]),
        )
    )
    person = pd.read_csv(truth, dtype=str).set_index(["channel", "channel_key"])["person_id"].to_dict()
    whose = {row["account_id"]: person.get((row["channel"], row["account_key"])) for row in accounts}
    return (
        str(lake),
        questions,
        {row["account_id"]: row["customer_id"] for row in mapped},
        {account: one for account, one in whose.items() if one is not None},
    )


if __name__ == "__main__":
    sys.exit(main())
