"""Where a table's header stands, what parts its values, and how its columns are called."""

import csv
import re
from collections import Counter
from collections.abc import Sequence

from lakehouse.config.exports import ExportColumn

LOOKED_AT = 200  # lines
DELIMITERS = (",", ";", "\t", "|", "\x01", "~", "^")
NUMBER = re.compile(r"[-+]?[\d.,]*\d[\d.,]*%?")
SIGNS = ("#", "№", "+/-", "-/+", "±", "%", "€", "$", "£", "¥", "*")  # that are the name of a column by themselves
NO_NAME = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}|@|^\W*$")


def delimiter_of(lines: list[str]) -> str | None:
    """The delimiter that cuts the most lines into the same number (above one) of values; None when none does."""
    best: tuple[int, int, str | None] = (0, 1, None)
    for delimiter in DELIMITERS:
        counts = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter))
        several = {width: count for width, count in counts.items() if width > 1}
        if not several:
            continue
        width = max(several, key=lambda w: (several[w], w))
        near = sum(count for w, count in several.items() if abs(w - width) <= 1)
        if near >= 0.3 * sum(counts.values()) and (near, width) > best[:2]:
            best = (near, width, delimiter)
    return best[2]


def quote_of(lines: list[str], delimiter: str) -> str:
    """A single quote where it stands around all values, else a double one."""
    filled = [line.strip() for line in lines if line.strip()][:LOOKED_AT]
    between = f"'{delimiter}'"
    quoted = sum(line[:1] == line[-1:] == "'" and between in line for line in filled)
    return "'" if quoted > 0.9 * len(filled) > 0 else '"'


def header_of(rows: list[list[str]]) -> list[str] | None:
    """The row that names the columns, None where there is none.

    It is the first row of nearly full width whose values are names: no numbers, days or addresses, and none of them
    stands again below, but for the header itself on a further page.
    """
    width = (
        Counter(len(row) for row in rows if len(row) > 1).most_common(1)[0][0] if any(len(r) > 1 for r in rows) else 1
    )
    for at, row in enumerate(rows[:200]):
        named = [name for name in row if name.strip()]
        if not width - 1 <= len(row) <= width + 1 or len(named) < max(2 if width > 1 else 1, 0.6 * width):
            continue
        return row if _names_columns(row, [below for below in rows[at + 1 : at + 200] if below != row]) else None
    return None


def _names_columns(row: list[str], below: list[list[str]]) -> bool:
    named = {i: name.strip() for i, name in enumerate(row) if name.strip()}
    words = [name for name in named.values() if name not in SIGNS]
    if not words or any(NUMBER.fullmatch(name) or NO_NAME.search(name) for name in words):
        return False
    repeated = sum(any(len(other) > i and other[i].strip() == name for other in below) for i, name in named.items())
    return repeated <= 0.2 * len(named)


def has_header(first: list[str], rows: list[list[str]]) -> bool:
    """Whether the first record names the columns."""
    return _names_columns(first, rows)


def numbered(header: Sequence[str]) -> dict[str, ExportColumn]:
    """The header's names; one that stands there again, in whatever case, gets its number, as in bronze."""
    seen: set[str] = set()
    columns: dict[str, ExportColumn] = {}
    for name in (name.strip() for name in header if name.strip()):
        number, shown = 2, name
        while shown.casefold() in seen:
            shown, number = f"{name}_{number}", number + 1
        seen.add(shown.casefold())
        columns[shown] = ExportColumn()
    return columns
