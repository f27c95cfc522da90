"""One small shop's orders, from which exports of many programs are written, and the figures that are right."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

PRODUCTS = [
    ("SKU-001", "Oat Milk", 999),
    ("SKU-002", "Rye Bread", 1249),
    ("SKU-003", "Green Tea", 1499),
    ("SKU-004", "Olive Oil", 1749),
    ("SKU-005", "Dark Chocolate", 1999),
    ("SKU-006", "Honey", 2249),
    ("SKU-007", "Coffee Beans", 2499),
]
PEOPLE = [
    ("Ada", "Keller", "Hamburg", "20095", "DE"),
    ("Ben", "Okafor", "Leeds", "LS1 4AP", "GB"),
    ("Carla", "Rossi", "Milano", "20121", "IT"),
    ("Dan", "Nguyen", "New York", "10001", "US"),
    ("Eva", "Novak", "Praha", "11000", "CZ"),
    ("Finn", "Larsen", "Oslo", "0150", "NO"),
    ("Gita", "Patel", "Mumbai", "400001", "IN"),
    ("Hugo", "Moreau", "Lyon", "69001", "FR"),
    ("Ines", "Costa", "Porto", "4000-001", "PT"),
    ("Jan", "Visser", "Utrecht", "3511 AA", "NL"),
]


@dataclass(frozen=True)
class Person:
    """A customer."""

    at: int

    @property
    def given(self) -> str:
        return PEOPLE[self.at][0]

    @property
    def surname(self) -> str:
        return PEOPLE[self.at][1]

    @property
    def name(self) -> str:
        return f"{self.given} {self.surname}"

    @property
    def email(self) -> str:
        return f"{self.given}.{self.surname}@example.com".lower()

    @property
    def phone(self) -> str:
        return f"+4915112340{self.at:03d}"

    @property
    def city(self) -> str:
        return PEOPLE[self.at][2]

    @property
    def postcode(self) -> str:
        return PEOPLE[self.at][3]

    @property
    def country(self) -> str:
        return PEOPLE[self.at][4]


@dataclass(frozen=True)
class Line:
    """A product in an order; amounts in hundredths."""

    sku: str
    name: str
    quantity: int
    price: int

    @property
    def amount(self) -> int:
        return self.quantity * self.price


@dataclass(frozen=True)
class Order:
    """An order; amounts in hundredths."""

    at: int
    lines: tuple[Line, ...]

    @property
    def number(self) -> int:
        return 1001 + self.at

    @property
    def person(self) -> Person:
        return Person(self.at * 3 % 10)

    @property
    def moment(self) -> datetime:
        return datetime(2024, 3, 1, 9) + timedelta(days=self.at, minutes=7 * self.at % 60, hours=self.at % 9)

    @property
    def total(self) -> int:
        return sum(line.amount for line in self.lines)


def _order(at: int) -> Order:
    lines = []
    for step in range(1 + at % 3):
        sku, name, price = PRODUCTS[(at + 2 * step) % len(PRODUCTS)]
        lines.append(Line(sku, name, 1 + (at + step) % 3, price))
    return Order(at, tuple(lines))


ORDERS = [_order(at) for at in range(24)]
CUSTOMERS = len({order.person for order in ORDERS})
LINES = sum(len(order.lines) for order in ORDERS)
TOTAL = sum(order.total for order in ORDERS)
DAY = "2024-03-31"


@dataclass(frozen=True)
class Made:
    """A case: what it is, its files by `<day>/<name>`, right values by the names that a benchmark compares."""

    name: str
    what: str
    files: dict[str, bytes]
    right: dict[str, Any] = field(default_factory=dict)

    words: str = ""

    def row(self) -> str:
        """Its line of EXPECTED.md."""
        values = "; ".join(f"{name} {value}" for name, value in self.right.items())
        return f"| {self.name} | {self.what} | {values}. {self.words} |"


def money(hundredths: int) -> str:
    """`1,234.50`, as right values are written."""
    return f"{hundredths / 100:,.2f}"


def plain(hundredths: int) -> str:
    """`1234.50`."""
    return f"{hundredths / 100:.2f}"


def comma(hundredths: int) -> str:
    """`1.234,50`."""
    return f"{hundredths / 100:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")


def rows_text(head: list[str], rows: list[list[Any]], delimiter: str = ",", quote_all: bool = False) -> str:
    """Rows as CSV."""
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=quoting)
    writer.writerows([head, *rows] if head else rows)
    return out.getvalue()


def one_file(name: str, what: str, file: str, text: str | bytes, encoding: str = "utf-8", **right: Any) -> Made:
    """A case of one file of one day."""
    data = text if isinstance(text, bytes) else text.encode(encoding)
    return Made(name, what, {f"{DAY}/{file}": data}, right)


def all_orders(**more: Any) -> dict[str, Any]:
    """The right values of a file that tells every order once."""
    return {"orders": len(ORDERS), "total": money(TOTAL), "customers": CUSTOMERS, **more}


def with_lines(**more: Any) -> dict[str, Any]:
    """The right values of a file that tells every line, too."""
    return all_orders(lines=LINES, line_sum=money(TOTAL), **more)


def each_line() -> list[tuple[Order, Line]]:
    """Lines with their orders, in the file's order."""
    return [(order, line) for order in ORDERS for line in order.lines]


def orders_file(
    name: str, head: str, row: Callable[[Order], list[Any]], file: str = "", encoding: str = "utf-8", **right: Any
) -> Made:
    """A case of one row per order; the first sign in the header that may be one is its delimiter."""
    delimiter = next(sign for sign in ("\t", "|", ";", ",") if sign in head)
    text = rows_text(head.split(delimiter), [row(o) for o in ORDERS], delimiter)
    return one_file(name, head.split(delimiter, maxsplit=1)[0], file or f"{name}.csv", text, encoding, **right)


def lines_file(
    name: str, head: str, row: Callable[[Order, Line], list[Any]], file: str = "", encoding: str = "utf-8", **right: Any
) -> Made:
    """A case of one row per line of an order."""
    delimiter = next(sign for sign in ("\t", "|", ";", ",") if sign in head)
    text = rows_text(head.split(delimiter), [row(o, n) for o, n in each_line()], delimiter)
    return one_file(name, head.split(delimiter, maxsplit=1)[0], file or f"{name}.csv", text, encoding, **right)
