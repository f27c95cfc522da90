"""A company of any size: seconds and peak memory of each job of its first night and of the next.

    python -m benchmarks.size [--customers 200000] [--lines 1100000] [--nights 1] [--keep DIR]

The company is made: accounts of a shop and of a web shop (some people have both, with a slip in the name), two years of
baskets from a catalogue in which few products sell often. It comes as three exports, through all steps of a night. A
job's memory is the most that the night held while it ran, jobs side by side included.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import yaml
from pyarrow import csv
from rich.console import Console
from rich.table import Table

from benchmarks.__main__ import resident
from lakehouse.ops import tables as ops_tables

LAST, DAYS = date(2026, 3, 31), 730
PRODUCTS, CATEGORIES = 3000, 60
LINES_EACH = 3.0  # of a basket
BOTH_CHANNELS = 0.1  # of people have a second account, in the web shop
FILES = 8
SYLLABLES = ("an", "bel", "cor", "dan", "el", "fin", "gra", "hol", "is", "jon", "kar", "lin", "mor", "nel", "os", "per")
NAME_SYLLABLES = (3, 2)  # of surnames and of given names


def main() -> None:
    """Make the company, run its nights and print where time and memory went."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--lines", type=int, default=1_100_000)
    parser.add_argument("--nights", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for the company and its lake, in place of a passing one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="size-") as passing:
        folder = options.keep or Path(passing)
        write(folder, options.customers, options.lines, options.nights)
        for _ in range(options.nights):
            shown(folder / "lake", night(folder))


def write(folder: Path, customers: int, lines: int, nights: int) -> None:
    """The exports' YAML, and the deliveries of the last nights."""
    rng = np.random.default_rng(7)
    exports = folder / "conf" / "exports"
    exports.mkdir(parents=True, exist_ok=True)
    for export in (sales_export(), people_export("shop"), people_export("web")):
        (exports / f"{export['export']}.yaml").write_text(yaml.safe_dump(export, sort_keys=False), encoding="utf-8")
    first = LAST - timedelta(days=nights - 1)
    people = people_of(customers, rng)
    is_twice = pa.array(rng.random(customers) < BOTH_CHANNELS)
    deliver(folder, first, "shop_people.csv", people)
    deliver(folder, first, "web_people.csv", slipped(people.filter(is_twice)))
    sales = sales_of(customers, lines, rng)
    for number in range(nights):
        day = first + timedelta(days=number)
        days = sales["ordered_at"].to_numpy(zero_copy_only=False).astype("datetime64[D]")
        of_night = days <= np.datetime64(day) if number == 0 else days == np.datetime64(day)
        rows = sales.filter(pa.array(of_night))
        size = -(-max(rows.num_rows, 1) // FILES)
        for part in range(FILES if number == 0 else 1):
            deliver(folder, day, f"sales_{day}_{part}.csv", rows.slice(part * size, size if number == 0 else None))


def deliver(folder: Path, day: date, name: str, rows: pa.Table) -> None:
    """Write a file into the drop zone."""
    path = folder / "drop" / str(day) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    csv.write_csv(rows, path)


def people_of(customers: int, rng: np.random.Generator) -> pa.Table:
    """One row per person: name, address and e-mail, all made."""
    surname, given = (names(customers, syllables, rng) for syllables in NAME_SYLLABLES)
    number = pa.array(np.arange(customers)).cast(pa.string())
    mail = pc.binary_join_element_wise(given, surname, number, ".")
    return pa.table(
        {
            "no": number,
            "given": given,
            "family": surname,
            "email": pc.binary_join_element_wise(mail, "example.com", "@"),
            "born": pa.array(np.datetime64("1940-01-01") + rng.integers(0, 24_000, customers)).cast(pa.string()),
            "street": pc.binary_join_element_wise(names(customers, 3, rng), "street", " "),
            "house": pa.array(rng.integers(1, 200, customers)).cast(pa.string()),
            "postcode": pa.array(rng.integers(10_000, 99_999, customers)).cast(pa.string()),
        }
    )


def names(count: int, syllables: int, rng: np.random.Generator) -> pa.Array:
    """Made names."""
    parts = np.array(SYLLABLES)[rng.integers(0, len(SYLLABLES), (syllables, count))]
    return pa.array(["".join(one) for one in parts.T])


def slipped(people: pa.Table) -> pa.Table:
    """The same people under other numbers, their surnames with a letter too many."""
    surname = pc.binary_join_element_wise(people["family"], "n", "")
    number = pc.binary_join_element_wise("w", people["no"], "")
    return people.set_column(0, "no", number).set_column(2, "family", surname)


def sales_of(customers: int, lines: int, rng: np.random.Generator) -> pa.Table:
    """One row per line of a basket; customers differ in how often they buy, products in how often they are bought."""
    baskets = max(1, int(lines / LINES_EACH))
    buyer = rng.choice(customers, baskets, p=(weights := rng.gamma(0.6, 1.0, customers)) / weights.sum())
    start = np.datetime64(LAST - timedelta(days=DAYS - 1), "s")
    when = start + np.sort(rng.integers(0, DAYS * 86_400, baskets))
    basket = np.sort(rng.integers(0, baskets, lines))
    product = np.minimum((PRODUCTS * rng.random(lines) ** 3).astype(int), PRODUCTS - 1)
    price = 1.0 + np.round(rng.gamma(2.0, 4.0, PRODUCTS), 2)
    quantity = 1 + (rng.random(lines) < 0.2).astype(int)
    return pa.table(
        {
            "order_no": pa.array(basket).cast(pa.string()),
            "customer_no": pa.array(buyer[basket]).cast(pa.string()),
            "ordered_at": pa.array(when[basket].astype("datetime64[s]")).cast(pa.timestamp("s")),
            "sku": pc.binary_join_element_wise("p", pa.array(product).cast(pa.string()), ""),
            "product": pc.binary_join_element_wise("product", pa.array(product).cast(pa.string()), " "),
            "category": pc.binary_join_element_wise("category", pa.array(product % CATEGORIES).cast(pa.string()), " "),
            "quantity": quantity,
            "amount": np.round(price[product] * quantity, 2),
        }
    )


def sales_export() -> dict[str, Any]:
    """Orders, their lines and products, from one row per line."""
    order_id, account = "concat('shop:', order_no)", {"key": "customer_no"}
    orders = {"order_id": order_id, "ordered_at": "try_to_timestamp(min(ordered_at))"}
    lines = {"order_id": order_id, "product_id": "sku", "quantity": "number(quantity)", "sales_cents": "cents(amount)"}
    products = {"product_id": "sku", "product_name": "max(product)", "product_category": "max(category)"}
    targets = [
        {"table": "silver.orders", "group_by": ["order_no"], "columns": orders | {"total_cents": "sum(cents(amount))"}},
        {"table": "silver.order_lines", "columns": lines},
        {"table": "silver.products", "group_by": ["sku"], "columns": products},
    ]
    names_ = ("order_no", "customer_no", "ordered_at", "sku", "product", "category", "quantity", "amount")
    return _export("sales", "shop", "sales_*.csv", names_) | {"account": account, "targets": targets}


def people_export(channel: str) -> dict[str, Any]:
    """Customers of a channel."""
    columns = {
        **{"given_name": "clean(given)", "surname": "clean(family)", "email": "clean(email)"},
        **{"birth_date": "try_to_date(born)", "address_1": "clean(street)", "street_number": "clean(house)"},
        "postcode": "clean(postcode)",
    }
    names_ = ("no", "given", "family", "email", "born", "street", "house", "postcode")
    target = {"table": "silver.customers", "columns": columns}
    made = _export(f"{channel}_people", channel, f"{channel}_people.csv", names_)
    return made | {"account": {"key": "no"}, "targets": [target]}


def _export(name: str, channel: str, files: str, columns: tuple[str, ...]) -> dict[str, Any]:
    head = {"export": name, "channel": channel, "files": files, "format": "csv", "encoding": "utf-8", "zone": "UTC"}
    return head | {"columns": {column: {} for column in columns}}


@dataclass
class Measured:
    """A night's wall seconds, and the bytes that it held at each moment looked at."""

    seconds: float
    held: list[tuple[datetime, int]] = field(default_factory=list)

    def peak(self, start: datetime | None = None, end: datetime | None = None) -> float:
        """The most held between two moments, GiB."""
        inside = [b for at, b in self.held if (start is None or at >= start) and (end is None or at <= end)]
        return max(inside, default=0) / 2**30


def night(folder: Path) -> Measured:
    """Run the next night in a process of its own."""
    places = ["--conf", f"{folder}/conf", "--drop", f"{folder}/drop", "--lake", f"{folder}/lake"]
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "lakehouse.cli.main", "night", "--json", *places], stdout=subprocess.DEVNULL
    )
    measured = Measured(0.0)
    while process.poll() is None:
        measured.held.append((datetime.now(UTC), resident(process.pid)))
        time.sleep(0.5)
    measured.seconds = time.monotonic() - started
    return measured


def shown(lake: Path, measured: Measured) -> None:
    """The last night's jobs, the slowest first."""
    rows = ops_tables.read(f"{lake}/ops/runs")
    last = max(row["run_date"] for row in rows)
    jobs = sorted((r for r in rows if r["run_date"] == last and r["seconds"]), key=lambda r: -r["seconds"])
    title = f"Night of {last}: {measured.seconds:.0f} s, peak {measured.peak():.1f} GiB"
    table = Table("job", "seconds", "GiB", "engine", "rows read", "outcome", title=title)
    for row in jobs:
        start, end = (row[name].replace(tzinfo=UTC) for name in ("started_at", "ended_at"))
        held = f"{measured.peak(start, end):.1f}"
        read = f"{row['input_rows'] or 0:,}"
        table.add_row(row["job"], f"{row['seconds']:.1f}", held, row["engine"] or "", read, row["outcome"])
    Console().print(table)


if __name__ == "__main__":
    main()
