"""Day, amount and number of an order by their values alone, where no name says which column they are."""

import re
from collections.abc import Callable, Mapping

from lakehouse.authoring.proposal.amounts import as_number, currency_code
from lakehouse.authoring.proposal.column_forms import plain
from lakehouse.authoring.proposal.looks import share
from lakehouse.authoring.proposal.sniffing import Sample
from lakehouse.authoring.proposal.values import Values

AMOUNTS = ("total", "gross", "amount", "net", "subtotal", "unit_price", "credit")
FACTS = ("order_id", "product_id", "quantity", *AMOUNTS)
MANY = 2  # rows
PEOPLE = ("given_name", "surname", "full_name", "birth_date", "consent", "opt_out")
SIDE = re.compile(
    r"ship|deliver|fulfil|cancel|updat|modif|due|end|expire|birth|geburt|print|versand|liefer|faellig|settle|payout|refund"
)
LISTED = re.compile(  # what a thing costs elsewhere, before or the shop itself: no amount of a sale
    r"(^|_)(rrp|msrp|uvp|srp|retail|list|compare_at|original|regular|recommended|strike|was|vorher|statt|empf\w*|einkauf\w*|ek|cogs|barre)(_|$)"
)
NUMBERED = re.compile(r"[#A-Za-z_-]{0,6}\d[\w./-]{2,}")


def with_likely(roles: dict[str, str], sample: Sample, values: Mapping[str, Values]) -> dict[str, str]:
    """Roles with a day, an amount and a number that no name told, in lists that are of sales by all else.

    A list of people keeps to what its names say, unless it numbers what they bought.
    """
    is_of_people = any(role in roles for role in PEOPLE) and not _numbers_rows(roles, values)
    if not sample.header or sample.words or is_of_people:
        return roles
    made = dict(roles)
    if "date" not in made and any(role in made for role in FACTS):
        made |= _first(sample, values, made, "date", _is_moment)
    if "date" in made and "event" not in made and not any(role in made for role in AMOUNTS):
        amounts = [name for name in _free(sample, made) if _is_money(values[name]) and not LISTED.search(plain(name))]
        fee = [made["fee"]] if "fee" in made and _is_money(values[made["fee"]]) else []
        whole = _largest(sample, values, [*amounts, *fee]) if fee else {}
        if whole.get("amount") in fee:  # of a visit or course, and the others are shares of it
            amounts = []
        made |= {"amount": amounts[0]} if len(amounts) == 1 else _largest(sample, values, amounts)
        if not amounts and "fee" in made:  # of parking, of a course: where nothing else is paid, it is the price
            made["amount"] = made.pop("fee")
    if "date" in made and "order_id" not in made and any(role in made for role in AMOUNTS):
        made |= _first(sample, values, made, "order_id", _is_number)
    if "currency" not in made and any(role in made for role in AMOUNTS):
        made |= _first(sample, values, made, "currency", _are_codes)
    return made


def _are_codes(values: Values) -> bool:
    """Codes of ISO 4217 on all rows, few of them: a currency under a name that nobody knows."""
    is_few = 0 < len(values.counts) <= MOST_CODES and values.filled == values.rows > MANY
    return is_few and all(len(word) == LETTERS and word.isupper() and currency_code(word) for word in values.counts)


MOST_CODES = 12
LETTERS = 3


def _numbers_rows(roles: Mapping[str, str], values: Mapping[str, Values]) -> bool:
    """Whether a ticket or the like has a number of its own on each row."""
    name = roles.get("order_id")
    return bool(name) and values[name].distinct == values[name].rows > MANY  # type: ignore[index]


def _largest(sample: Sample, values: Mapping[str, Values], amounts: list[str]) -> dict[str, str]:
    """The amount that no other one of its row exceeds, if it is one column: what the others are parts of."""
    marks = {name: found.mark for name in amounts if (found := values[name].amounts)}
    columns = [[as_number(text, marks[name]) for text in sample.columns[name]] for name in marks]
    rows = list(zip(*columns, strict=True))
    whole = [
        name
        for at, name in enumerate(marks)
        if all(row[at] is not None and row[at] >= max(n or 0 for n in row) for row in rows)
    ]
    return {"amount": whole[0]} if len(whole) == 1 and len(rows) > MANY else {}


Test = Callable[[Values], bool]


def _first(
    sample: Sample, values: Mapping[str, Values], roles: Mapping[str, str], role: str, test: Test
) -> dict[str, str]:
    found = [name for name in _free(sample, roles) if test(values[name])]
    found = [name for name in found if role != "date" or not SIDE.search(plain(name))] or found[:1]
    return {role: found[0]} if found else {}


def _free(sample: Sample, roles: Mapping[str, str]) -> list[str]:
    taken = set(roles.values())
    return [name for name in sample.names if name not in taken]


def _is_moment(values: Values) -> bool:
    return values.is_date and values.filled > 0.8 * values.rows


def _is_money(values: Values) -> bool:
    return values.kind == "decimal" and values.filled > 0.8 * values.rows and values.distinct > 1 and not values.rounded


def _is_number(values: Values) -> bool:
    """Another one on every row, with digits, and no amount or day."""
    is_key = values.kind in ("integer", "text") and values.distinct == values.rows > 2
    return is_key and not values.is_date and share(values, lambda text: bool(NUMBERED.fullmatch(text))) > 0.9
