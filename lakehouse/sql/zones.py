"""Local times of an export as instants: text without an offset is read in the export's zone, text with one keeps it.

The two clock changes follow Java's rule, which is Spark's: an hour that a zone skips is read as an hour later, and of
an hour that comes twice the first (summer time) is meant.
"""

import functools
import re
import zoneinfo
from collections.abc import Iterable

import sqlglot
from sqlglot import exp
from sqlglot.dialects.spark import Spark

from lakehouse.sql.literal import identifier

UTC = ("UTC", "Etc/UTC", "GMT", "Z", "")
OFFSET = re.compile(r"[+-]\d{2}:?\d{2}")
PARSING = ("to_timestamp", "try_to_timestamp")
ABSOLUTE = (
    "to_utc_timestamp",
    "from_utc_timestamp",
    "convert_timezone",
    "timestamp_seconds",
    "timestamp_millis",
    "timestamp_micros",
    "from_unixtime",
    "current_timestamp",
    "now",
)
SAYS_OFFSET = (
    r":[0-9]{2}([.,][0-9]+)?[ ]?([+-][0-9]{2}(:?[0-9]{2})?|Z|UTC|GMT|[A-Za-z]+/[A-Za-z_]+)"
    r"(.[A-Za-z]+/[A-Za-z_/]+.)?[ ]*$"
)
ABBREVIATIONS = {  # as payment services and tills write them; the same letters always mean the same offset here
    "PST": "-08:00", "PDT": "-07:00", "MST": "-07:00", "MDT": "-06:00", "CDT": "-05:00", "EST": "-05:00",
    "EDT": "-04:00", "AKST": "-09:00", "AKDT": "-08:00", "HST": "-10:00", "GMT": "+00:00", "UTC": "+00:00",
    "BST": "+01:00", "WET": "+00:00", "WEST": "+01:00", "CET": "+01:00", "CEST": "+02:00", "MEZ": "+01:00",
    "MESZ": "+02:00", "EET": "+02:00", "EEST": "+03:00", "MSK": "+03:00", "JST": "+09:00", "KST": "+09:00",
    "HKT": "+08:00", "SGT": "+08:00", "AEST": "+10:00", "AEDT": "+11:00", "ACST": "+09:30", "ACDT": "+10:30",
    "AWST": "+08:00", "NZST": "+12:00", "NZDT": "+13:00", "BRT": "-03:00", "ART": "-03:00", "Z": "+00:00",
    "PACIFIC TIME (US & CANADA)": "America/Los_Angeles", "MOUNTAIN TIME (US & CANADA)": "America/Denver",
    "CENTRAL TIME (US & CANADA)": "America/Chicago", "EASTERN TIME (US & CANADA)": "America/New_York",
    "PACIFIC STANDARD TIME": "America/Los_Angeles", "MOUNTAIN STANDARD TIME": "America/Denver",
    "CENTRAL STANDARD TIME": "America/Chicago", "EASTERN STANDARD TIME": "America/New_York",
    "CHINA STANDARD TIME": "Asia/Shanghai", "TOKYO STANDARD TIME": "Asia/Tokyo", "KOREA STANDARD TIME": "Asia/Seoul",
    "W. EUROPE STANDARD TIME": "Europe/Berlin", "ROMANCE STANDARD TIME": "Europe/Paris",
    "CENTRAL EUROPE STANDARD TIME": "Europe/Budapest", "GMT STANDARD TIME": "Europe/London",
    "BEIJING": "Asia/Shanghai", "TOKYO": "Asia/Tokyo", "LONDON": "Europe/London", "BERLIN": "Europe/Berlin",
}  # fmt: skip


class ZoneSpark(Spark):
    """Spark's dialect with the functions of time left as they are written."""

    class Parser(Spark.Parser):  # type: ignore[valid-type, misc]
        """Names that sqlglot would rewrite."""

        FUNCTIONS = {  # noqa: RUF012 - sqlglot's own form
            name: build
            for name, build in Spark.Parser.FUNCTIONS.items()
            if name.lower()
            not in {*PARSING, *ABSOLUTE, "to_date", "date", "date_format", "timestamp", "unix_timestamp"}
        }


@functools.cache
def known_zones() -> frozenset[str]:
    """The names of the time zone database."""
    return frozenset(zoneinfo.available_timezones())


def is_name(zone: str) -> bool:
    """Whether a zone is given by name or offset, and not by a column or an expression."""
    return zone in known_zones() or zone in UTC or OFFSET.fullmatch(zone) is not None


def of(zone: str, columns: Iterable[str], otherwise: str = "UTC") -> str:
    """An export's zone: a name, a column or an expression as SQL, or what holds where the export says none."""
    if not zone:
        return otherwise
    return identifier(zone) if zone in columns and not is_name(zone) else zone


def zone_sql(zone: str) -> str:
    """A zone of an export's YAML as a SQL expression; NULL where a line's own zone is not known."""
    if is_name(zone):
        return f"'{zone or 'UTC'}'"
    said = f"TRIM(CAST({zone} AS STRING))"
    short = " ".join(f"WHEN '{name}' THEN '{meant}'" for name, meant in ABBREVIATIONS.items())
    names = ", ".join(f"'{name}'" for name in sorted(known_zones()))
    offset = f"WHEN {said} RLIKE '^[+-][0-9]{{2}}:[0-9]{{2}}$' THEN {said}"
    return f"(CASE {offset} WHEN {said} IN ({names}) THEN {said} ELSE CASE UPPER({said}) {short} END END)"


@functools.lru_cache(maxsize=4096)
def localized(sql: str, zone: str) -> str:
    """An expression for an instant whose text without an offset is read in a zone.

    Args:
        sql: Spark SQL without our macros.
        zone: a zone's name, or the column or expression that gives it per line.
    """
    if zone in UTC:
        return sql
    tree = sqlglot.parse_one(f"SELECT {sql} AS one_value", read=ZoneSpark).expressions[0].this
    if any(_called(node, ABSOLUTE) for node in tree.walk()):
        return sql
    said = zone_sql(zone)
    if not any(_parses(node) for node in tree.walk()):
        return _in_zone(sql, f"TRY_CAST(({sql}) AS TIMESTAMP)", _of_group(said, tree))
    return str(tree.transform(lambda node: _local(node, said)).sql(dialect=ZoneSpark))


def _called(node: exp.Expr, names: tuple[str, ...]) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.lower() in names


def _parses(node: exp.Expr) -> bool:
    """Whether a node makes an instant of text, and nothing inside it does."""
    is_cast = isinstance(node, (exp.Cast, exp.TryCast)) and node.to.sql(dialect="spark").upper() == "TIMESTAMP"
    if not (_called(node, PARSING) or is_cast):
        return False
    return not any(_parses(inner) for inner in node.walk() if inner is not node)


def _local(node: exp.Expr, said: str) -> exp.Expr:
    if not _parses(node):
        return node
    sql, said = node.sql(dialect=ZoneSpark), _of_group(said, node)
    arguments = node.expressions if isinstance(node, exp.Anonymous) else [node.this]
    pattern = arguments[1].name if len(arguments) > 1 else ""
    if _has_zone(pattern):
        return node
    text = arguments[0].sql(dialect=ZoneSpark)
    made = f"TO_UTC_TIMESTAMP({sql}, {said})" if pattern else _in_zone(text, sql, said)
    local: exp.Expr = sqlglot.parse_one(f"SELECT {made} AS one_value", read=ZoneSpark).expressions[0].this
    return local


def _of_group(said: str, node: exp.Expr) -> str:
    """The zone of a group of lines, where the instant is made of an aggregate."""
    return f"MIN({said})" if node.find(exp.AggFunc) and not said.startswith("'") else said


def _has_zone(pattern: str) -> bool:
    """Whether a pattern of Spark reads an offset or zone, or has a written Z, which is UTC."""
    outside = re.sub(r"'[^']*'", "", pattern)
    return bool(re.search(r"[XxOVzZ]", outside)) or "'Z'" in pattern


def _in_zone(text: str, instant: str, said: str) -> str:
    keeps = f"CAST({text} AS STRING) RLIKE '(?i){SAYS_OFFSET}'"
    return f"(CASE WHEN {keeps} THEN {instant} ELSE TO_UTC_TIMESTAMP({instant}, {said}) END)"
