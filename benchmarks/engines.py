"""Whole nights on Spark alone against nights that borrow DuckDB and delta-rs, on the same deliveries.

    python -m benchmarks.engines [--nights 2] [--tenfold] [--households N]

Each engine has a lake of its own and a process per night. The ratio is that of the wall seconds of Spark alone to
those of `engine: auto`, for the first night and for the following ones; --tenfold measures the sample ten times over,
too: other people and baskets of the same kind. Run it on an idle machine: the seconds are whole nights'.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.__main__ import measured
from lakehouse import sample
from lakehouse.ops import tables as ops_tables
from lakehouse.sample.sources import PERSON_FIELDS, Sources, load

ENGINES = ("auto", "spark")
HOUSEHOLDS, BASKETS = 10**6, 10**12  # more than any number of the sample
LETTERS = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
FIGURES = "{times:>3} times, night {number}: auto {auto:8.1f} s, spark {spark:8.1f} s, ratio {ratio:5.2f}"


def main() -> None:
    """Run the nights and print their seconds and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nights", type=int, default=2)
    parser.add_argument("--tenfold", action="store_true", help="ten times the sample, too: an hour and more")
    parser.add_argument("--households", type=int, default=None, help="a smaller company, for a first look")
    arguments = parser.parse_args()
    for times in (1, 10) if arguments.tenfold else (1,):
        with tempfile.TemporaryDirectory(prefix="engines-") as folder:
            write(Path(folder, "drop"), times, arguments.nights, arguments.households)
            compare(Path(folder), times, arguments.nights)


def write(drop: Path, times: int, nights: int, households: int | None) -> None:
    """The sample's deliveries, of so many companies like it in one."""
    with patch.object(sample, "load", lambda only: manifold(load(only), times)):
        sample.write_sample(drop, nights, households=households)


def compare(folder: Path, times: int, nights: int) -> None:
    """Seconds of each night on each engine, night by night in turn, so that both see the same machine."""
    for number in range(1, nights + 1):
        seconds = {engine: night(folder, engine) for engine in ENGINES}
        ratio = seconds["spark"] / seconds["auto"]
        print(FIGURES.format(times=times, number=number, ratio=ratio, **seconds), flush=True)
    rows = {engine: ops_tables.read(f"{folder}/{engine}/ops/runs") for engine in ENGINES}
    failed = sorted(
        {row["job"] for engine in ENGINES for row in rows[engine] if row["outcome"] in ("failed", "blocked")}
    )
    if failed:
        sys.exit(f"the ratio counts for nothing: {', '.join(failed)} failed")


def night(folder: Path, engine: str) -> float:
    """Wall seconds of the engine's next night."""
    places = ["--drop", f"{folder}/drop", "--lake", f"{folder}/{engine}"]
    seconds, _ = measured([sys.executable, "-m", "lakehouse.cli.main", "night", "--json", "--engine", engine, *places])
    return seconds


def manifold(one: Sources, times: int) -> Sources:
    """The same habits of so many times the households, each with people, baskets and keys of its own."""
    copies = range(times)
    return replace(
        one,
        transactions=pa.concat_tables([transactions(one.transactions, n) for n in copies]),
        campaigns=households(one.campaigns, copies),
        redemptions=households(one.redemptions, copies),
        demographics=households(one.demographics, copies),
        people=people(one.people, copies),
        bought_list=people(one.bought_list, copies),
        web_form=people(one.web_form, copies),
    )


def transactions(lines: pa.Table, number: int) -> pa.Table:
    """The lines under other numbers of households and baskets."""
    for name, step in (("household_id", HOUSEHOLDS), ("basket_id", BASKETS)):
        moved = pc.add(lines[name].cast(pa.int64()), number * step)
        lines = lines.set_column(lines.schema.get_field_index(name), name, moved)
    return lines


def households(rows: pd.DataFrame, copies: Sequence[int]) -> pd.DataFrame:
    """The rows once for each copy of their households."""
    moved = [rows.assign(household_id=rows["household_id"].astype(np.int64) + n * HOUSEHOLDS) for n in copies]
    return pd.concat(moved, ignore_index=True)


def people(rows: pd.DataFrame, copies: Sequence[int]) -> pd.DataFrame:
    """The records once for each copy, with other letters and digits: other people, with the same slips in them."""
    return pd.concat([_others(rows, n) for n in copies], ignore_index=True)


def _others(rows: pd.DataFrame, number: int) -> pd.DataFrame:
    if not number:
        return rows
    letters = str.maketrans(LETTERS + DIGITS, _turned(LETTERS, number) + _turned(DIGITS, number))
    own = {name: rows[name].str.translate(letters) for name in PERSON_FIELDS if name not in ("state", "date_of_birth")}
    ids = {name: f"{number}/" + rows[name] for name in ("record_id", "person_id")}
    return rows.assign(**own, **ids)


def _turned(characters: str, number: int) -> str:
    at = number % len(characters)
    return characters[at:] + characters[:at]


if __name__ == "__main__":
    main()
