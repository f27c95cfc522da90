"""What a company's night expects of its customers, beside the truth: a town of relatives, exports with lying keys."""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial
from math import comb
from pathlib import Path

import pyarrow as pa

from benchmarks import families
from benchmarks.related_people import records
from benchmarks.related_people.population import Town
from jobs.identity import linkage_quality
from jobs.identity.cleaners import cleaning, cleaning_settings
from jobs.identity.settings.identity import Settings
from lakehouse.config.layers import Conf
from lakehouse.lake import queries
from lakehouse.sql import duckdb_engine
from lakehouse.sql.query import Query
from tests.identity.nights import Company

Shares = tuple[float | None, float | None]
Measured = tuple[int, Shares, Shares]
NIGHT = date(2025, 3, 1)
COLUMNS = {  # of the exports -> of a record
    "given": "given_name",
    "sur": "surname",
    "birth": "birth_date",
    "num": "street_number",
    "street": "address_1",
    "pc": "postcode",
    "nid": "national_id",
    "card": "loyalty_card",
    "dev": "device_id",
}


def companies(lying_keys: Path, later: int) -> dict[str, Callable[[], Measured]]:
    """By name what measures it: records, what is expected, and what is true."""
    made: dict[str, Callable[[], Measured]] = {"a town": partial(town, 1 + later)}
    if lying_keys.is_dir():
        made["lying keys"] = partial(exports, lying_keys)
    return made


def town(seed: int) -> Measured:
    """Families, firms, namesakes and twins, after the first night."""
    _, _, known = next(records.nights(Town(seed).populated(600), seed))
    return _measured(known.records, known.person_of)


def exports(folder: Path) -> Measured:
    """The exports of a company, each column under its own name, beside truth.csv."""
    rows = {}
    for path in sorted(folder.glob("drop/*/*.csv")):
        channel = path.name.split("_")[0]
        for row in _lines(path):
            named = {COLUMNS.get(name, name): value for name, value in row.items() if value}
            account = f"{channel}:{named.pop('key')}"
            is_verified = named.pop("ver", "") == "Y"
            rows[account] = {**named, "account_id": account, "channel": channel, "is_email_verified": is_verified}
    person_of = {f"{r['channel']}:{r['channel_key']}": r["person_id"] for r in _lines(folder / "truth.csv")}
    return _measured(rows, person_of)


def _lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _measured(accounts: Mapping[str, Mapping[str, object]], person_of: Mapping[str, str]) -> Measured:
    conf = Conf()
    settings = conf.settings("identity", Settings)
    rows = pa.Table.from_pylist(
        [{n: row.get(n) for n in families.RAW.names} for row in accounts.values()], families.RAW
    )
    company = Company(settings)
    company.night(cleaning.clean(rows, cleaning_settings.rules(conf), settings.junk, NIGHT, "secret"), NIGHT)
    return len(accounts), _expected(company), _true(company.ids(), person_of)


def _expected(company: Company) -> Shares:
    """What identity.linkage_quality would say of the night."""
    assert company.model is not None
    tables = {
        "customer_map": company.previous,
        "match_pairs": company.pairs,
        "ledger": company.ledger,
        "models": pa.table({"trained_on": [NIGHT], "model": [json.dumps(company.model.settings)]}),
        "comparisons": pa.table({"run_date": [NIGHT], "pairs_compared": [0]}),
        "review_queue": company.last_review,
    }
    with duckdb_engine.with_our_functions() as engine:
        for name, rows in tables.items():
            engine.register(name, rows)
        sql, steps = linkage_quality.quality_sql(NIGHT), linkage_quality.steps(NIGHT)
        (row,) = queries.answer(engine, Query(sql, tables, steps)).to_pylist()
    return row["estimated_precision"], row["estimated_recall"]


def _true(customer_of: Mapping[str, str], person_of: Mapping[str, str]) -> Shares:
    """Of pairs of accounts: right among those that are one customer, and found among those that are one person."""
    pairs = [
        sum(comb(n, 2) for n in Counter(keys).values())
        for keys in (
            (customer_of[a] for a in person_of),
            person_of.values(),
            ((customer_of[a], person_of[a]) for a in person_of),
        )
    ]
    return pairs[2] / max(pairs[0], 1), pairs[2] / max(pairs[1], 1)
