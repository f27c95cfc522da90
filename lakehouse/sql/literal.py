"""Values and names as SQL, by each engine's own rule of escaping; every query that holds a value gets it from here.

Spark ends a text at a quote unless a backslash stands before it, and takes two quotes in a row for two texts; DuckDB
and delta-rs take a backslash as it is and a doubled quote for one. Queries for both engines are Spark's, and
`dialect.in_duckdb` puts their texts over.
"""

import math
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from lakehouse.errors import ConfigError

Engine: TypeAlias = Literal["spark", "duckdb"]  # delta-rs reads as DuckDB does
MARKS = ("'", "\\")  # what the engines disagree about
MOST_DIGITS = 38  # of a number that both engines hold exactly


def literal(value: Any, engine: Engine = "spark") -> str:
    """A value in SQL: text, whole and floating numbers, Decimal, bool, date, instant, None, or a list of such.

    Args:
        value: an instant without a zone is UTC, as all of ours are; a list or tuple becomes an array.

    Raises:
        ConfigError: NaN or infinite, a text with NUL or half a character, more than 38 digits, or of no known type;
            the value itself is not repeated.
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float, Decimal)):
        return _number(value)
    if isinstance(value, date):  # an instant is a date, too
        return _moment(value)
    if isinstance(value, str):
        return _text(value, engine)
    if isinstance(value, (list, tuple)):
        items = ", ".join(literal(item, engine) for item in value)
        return f"array({items})" if engine == "spark" else f"[{items}]"
    raise _refused(f"a value of the type {type(value).__name__}")


def listed(values: Iterable[Any], engine: Engine = "spark") -> str:
    """The inside of IN (...): literals with commas; NULL, which equals nothing, for no values."""
    return ", ".join(literal(value, engine) for value in values) or "NULL"


def portable(text: str) -> str:
    """A text that Spark, DuckDB and delta-rs read alike: for a table's CHECK, which each of them may check."""
    parts = re.split(r"(['\\])", _whole(text))
    if len(parts) == 1:
        return f"'{text}'"
    return "concat(" + ", ".join(f"chr({ord(part)})" if part in MARKS else f"'{part}'" for part in parts) + ")"


def identifier(name: str, engine: Engine = "spark") -> str:
    """A column's or table's name in SQL, whatever characters it has.

    Raises:
        ConfigError: it is empty, or has a character that no engine takes.
    """
    if not name:
        raise _refused("an empty name")
    mark = "`" if engine == "spark" else '"'
    return f"{mark}{_whole(name).replace(mark, mark * 2)}{mark}"


def in_query(sql: str) -> str:
    """SQL for a query whose braces name tables: its own braces are doubled."""
    return sql.replace("{", "{{").replace("}", "}}")


def in_query_literal(value: Any) -> str:
    """A value in a query of Spark's SQL whose braces name tables."""
    return in_query(literal(value))


def in_query_listed(values: Iterable[Any]) -> str:
    """The inside of IN (...) in a query of Spark's SQL whose braces name tables."""
    return in_query(listed(values))


def _text(text: str, engine: Engine) -> str:
    whole = _whole(text)
    if engine == "spark":
        return "'" + whole.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return "'" + whole.replace("'", "''") + "'"


def _whole(text: str) -> str:
    """The text, when an engine will see all of it: DuckDB ends it at a NUL, half a character is no UTF-8."""
    if "\0" in text:
        raise _refused("a text with a NUL character")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _refused("a text with half a character (a lone surrogate)") from None
    return text


def _number(value: int | float | Decimal) -> str:
    """A floating number by its shortest text, which both engines read back to the same bits."""
    if not math.isfinite(value):
        raise _refused("a number that is NaN or infinite")
    if isinstance(value, float):
        return f"CAST('{value!r}' AS DOUBLE)"
    digits = f"{value:f}" if isinstance(value, Decimal) else str(value)
    count = sum(character.isdigit() for character in digits)
    if count > MOST_DIGITS:
        raise _refused(f"a number of more than {MOST_DIGITS} digits")
    if isinstance(value, int):
        return digits
    return f"CAST('{digits}' AS DECIMAL({count}, {len(digits.partition('.')[2])}))"


def _moment(value: date) -> str:
    if not isinstance(value, datetime):
        return f"DATE '{value.isoformat()}'"
    plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return f"TIMESTAMP '{plain.isoformat(sep=' ')}'"


def _refused(what: str) -> ConfigError:
    return ConfigError(f"{what} cannot stand in a query", "SQL", "correct the value")
