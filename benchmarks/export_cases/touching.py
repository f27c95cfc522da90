"""Which of a proposal's sentences touch what is wrong: they name a column or rows that the figure hangs on."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from lakehouse.authoring.proposal.plan import Plan, planned
from lakehouse.authoring.proposal.sniffing import sample
from lakehouse.authoring.proposal.values import Values
from lakehouse.errors import ConfigError

MOST_WORDS = 25  # of a column that may tell kinds of rows, states or answers
KEYS = ("customer_id", "order_id", "email", "phone", "given_name", "surname", "full_name", "national_id")
KINDS = ("status", "kind", "direction", "component")
MONEY = r"has no amounts|no amount of a line|whole numbers|hundredths|without tax|currenc"
ROWS = (
    r"broken lines|more or fewer values|set aside|whole list|stand twice|are the rows |no row names the columns|lacks "
    r"|every row gives back|names no product|archive holds|sheet .* is read|required columns are not there|what it is"
)
NUMBERS = r"no customer column|neither order number nor customer|no order number|numbers start with|list of prices"
ANSWERS = r"register of people|do these people want|marketing"
DAYS = r"no column (has a|with a) day|whole day|in UTC|zone"
FIGURES = {
    **dict.fromkeys(("total", "total_eur", "total_of_completed", "line_sum", "currency", "currencies"), "money"),
    **dict.fromkeys(("orders", "lines", "interactions"), "rows"),
    **dict.fromkeys(
        ("customers", "guests", "accounts", "persons", "surname", "no_full_name", "no_national_id"), "keys"
    ),
    **dict.fromkeys(("granted", "subscribed", "opted_out"), "answers"),
    **dict.fromkeys(("first", "first_instant", "days"), "days"),
}
GENERAL = {
    "money": f"{MONEY}|{ROWS}",
    "rows": f"{ROWS}|{NUMBERS}|{MONEY}",
    "keys": f"{NUMBERS}|{ROWS}",
    "answers": ANSWERS,
    "days": DAYS,
}


def touching(words: Sequence[str], wrong: Sequence[str], file: Path) -> list[str]:
    """The sentences that name what some wrong figure hangs on.

    Args:
        wrong: `name: figure, not right value`, as `figures.differences` gives them.
        file: the file that was proposed from.
    """
    kinds = {FIGURES[name] for line in wrong if (name := line.partition(":")[0]) in FIGURES}
    names = {name for kind in kinds for name in _columns(file, kind)}
    said = [re.compile(rf"(?<!\w){re.escape(name)}(?!\w)") for name in names]
    said += [re.compile(GENERAL[kind]) for kind in kinds]
    return [sentence for sentence in words if any(told.search(sentence) for told in said)]


def _columns(file: Path, kind: str) -> list[str]:
    """Columns whose reading can change a figure of this kind."""
    plan = _plan(file)
    if plan is None:
        return []
    roles = {name: role for role, name in plan.roles.items()}
    names = [name for name in plan.sample.names if plan.values[name].kind != "empty"]
    return [name for name in names if FITS[kind](plan.values[name], roles.get(name, ""))]


@cache
def _plan(file: Path) -> Plan | None:
    try:
        return planned(sample(file), "case")
    except ConfigError:
        return None


def _is_few(values: Values) -> bool:
    return values.kind == "text" and 0 < len(values.counts) <= MOST_WORDS


def _is_money(values: Values, role: str) -> bool:
    is_sum = values.is_number and role not in KEYS
    return is_sum or role == "currency" or values.kind in ("flag", "items", "object") or (_is_few(values) and not role)


def _is_answer(values: Values, role: str) -> bool:
    return role in ("consent", "opt_out") or values.kind == "flag" or values.is_date or _is_few(values)


def _is_key(values: Values, role: str) -> bool:
    return role in KEYS or (values.kind in ("integer", "text") and not role)


def _is_moment(values: Values, role: str) -> bool:
    return values.is_date or values.kind == "time" or role in ("date", "time", "zone")


FITS: dict[str, Callable[[Values, str], bool]] = {
    "money": lambda values, role: _is_money(values, role) or role in KINDS,
    "rows": lambda values, role: _is_money(values, role) or role in (*KINDS, "order_id", "date"),
    "keys": _is_key,
    "answers": _is_answer,
    "days": _is_moment,
}
