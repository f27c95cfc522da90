"""Columns that nothing uses although their name or values say that figures may hang on them: each is a question."""

import re
from collections.abc import Sequence

from lakehouse.authoring.proposal.column_forms import forms, path_of, plain
from lakehouse.authoring.proposal.nested import BACK
from lakehouse.authoring.proposal.notes import some
from lakehouse.authoring.proposal.other_lists import ask_what_it_is
from lakehouse.authoring.proposal.overlooked_people import MOST_WORDS, about_people, may_tell, says_otherwise, shown
from lakehouse.authoring.proposal.plan import FILE_DAY, Plan, TargetPlan
from lakehouse.authoring.proposal.roles import NAMES, place_of
from lakehouse.authoring.proposal.rows_in_doubt import ask_about_rows
from lakehouse.authoring.proposal.second_look import OWN_NUMBERS
from lakehouse.authoring.proposal.side_amounts import ask_about_side_amounts
from lakehouse.authoring.proposal.strange_keys import ask_about_keys
from lakehouse.authoring.proposal.values import Values

NOTHING = re.compile(r"[\[\]{}0.,\s$€£¥-]*|no|false|none|null|nein|non")
GUESSED = {"date": "an order's day", "amount": "its amount", "order_id": "its number"}
TELLING = ("status", "kind", "direction", "refunded", "zone", "consent", "opt_out")
MEANT = {
    "status": "whether a row counts",
    "kind": "which rows are sales, and which give back",
    "direction": "which rows come in, and which go out",
    "refunded": "what was given back",
    "zone": "the zone of its times",
    "consent": "consent to marketing",
    "opt_out": "a refusal of marketing",
}


def ask_about(plan: Plan, targets: list[TargetPlan], unused: Sequence[str]) -> None:
    """Ask about each column that is left out and looks as if it mattered."""
    tables = {target.table for target in targets}
    has_orders = "silver.orders" in tables
    for name in unused:
        values = plan.values[name]
        role = _role(name, tables, values)
        if has_orders and not role and _gives_back(plan, name):
            plan.notes.ask(f"{name} is not used: does it say {MEANT['refunded']}?")
        if role and not (role in plan.roles and role in ("zone", "consent", "opt_out")):
            plan.notes.ask(f"{name} ({shown(values)}) is not used: does it say {MEANT[role]}?")
        elif role == "consent" and says_otherwise(plan, name):
            chosen = plan.roles["consent"]
            plan.notes.ask(f"{chosen} is taken as consent, and {name} says otherwise on some rows: which one counts?")
        elif "silver.customers" in tables and (asked := about_people(plan, name, has_orders)):
            plan.notes.ask(f"{name} {asked}")
        elif has_orders and not values.is_number and _is_called_an_amount(name):
            plan.notes.ask(f"{name} is called an amount and is not used, since it has no numbers as a sum is written")
        elif values.kind == "time" and has_orders and "time" not in plan.roles:
            plan.notes.ask(f"{name} is a time of day and not used: do orders happen at it?")
    if not plan.sample.header and not plan.sample.words:
        plan.notes.ask("no row names the columns: they are read by their places and values; are they what they seem?")
    if has_orders:
        _ask_about_orders(plan, targets, unused)
    if not tables & {"silver.orders", "silver.order_lines", "silver.interactions"}:
        _ask_about_money(plan)
    if "silver.order_lines" in tables and not has_orders:
        plan.notes.ask("no column with a day was found: there are lines and no orders, and value stays empty")
    if has_orders and plan.customer is None:
        plan.notes.ask("no customer column was found: all orders are guests'; is there one under another name?")


def _ask_about_orders(plan: Plan, targets: list[TargetPlan], unused: Sequence[str]) -> None:
    """Ask what else may change the figures of a list of orders."""
    _ask_of_guesses(plan)
    _ask_about_rounded(plan)
    _ask_about_units(plan)
    _ask_about_rows_without_number(plan)
    ask_what_it_is(plan)
    ask_about_rows(plan, unused)
    ask_about_side_amounts(plan, unused)
    _ask_about_types(plan, unused)
    _ask_about_numbered_states(plan, unused)
    ask_about_keys(plan)
    if any(target.group_by for target in targets) and (twice := told_twice(plan)):
        plan.notes.ask(
            f"{len(twice)} orders stand twice in the file, apart and with equal lines ({some(twice, 3)}): they "
            "count once (`told_twice: once`); is that so? `flag` adds them up, `quarantine` sets them aside"
        )


def _is_called_an_amount(name: str) -> bool:
    """Whether the name is clearly that of a sum of money."""
    return any(place_of(role, name) is not None for role in ("total", "gross", "amount"))


def _ask_about_rows_without_number(plan: Plan) -> None:
    """Rows with an amount and no order number wait in quarantine, and their order is smaller without them."""
    _ask_about_rows_without_day(plan)
    name, amount = plan.roles.get("order_id"), _amount(plan)
    if not name or not amount or plan.items:
        return
    texts, numbers = plan.column_values(name), plan.numbers(amount)
    lost = sum(not (text and text.strip()) and bool(number) for text, number in zip(texts, numbers, strict=True))
    if lost > MOST_WITHOUT * plan.sample.row_count:
        plan.notes.ask(
            f"{lost:,} rows have {amount} and no {name}: they wait in quarantine; are they lines of the order above "
            f"(then `fill_down: [{name}]`), or totals?"
        )


def _ask_about_rows_without_day(plan: Plan) -> None:
    """Orders of one row each that have an amount and no day."""
    name, amount = plan.roles.get("date"), _amount(plan)
    if not name or not amount or any(len(rows) > 1 for rows in plan.rows_by_order.values()):
        return
    texts, numbers = plan.column_values(name), plan.numbers(amount)
    lost = sum(not (text and text.strip()) and bool(number) for text, number in zip(texts, numbers, strict=True))
    if lost > MOST_WITHOUT * plan.sample.row_count:
        plan.notes.ask(
            f"{lost:,} rows have {amount} and no day in {name}: they wait in quarantine; is it the right day?"
        )


MOST_WITHOUT = 0.01  # share of the rows


def _amount(plan: Plan) -> str:
    roles = ("total", "gross", "amount", "net", "subtotal", "unit_price")
    return next((plan.roles[role] for role in roles if plan.has(role)), "")


def _ask_about_rounded(plan: Plan) -> None:
    """Keys of customers that a spreadsheet has rounded: their orders are guests'."""
    name = plan.roles.get("customer_id", "")
    count = plan.values[name].rounded if name else 0
    if count and not any(name in sentence for sentence in plan.notes.asked):
        plan.notes.ask(
            f"{count:,} values of {name} were rounded by a spreadsheet (1.23457E+11): their orders are guests'; get "
            "the file without opening it in a spreadsheet"
        )


def _ask_about_units(plan: Plan) -> None:
    """Whole amounts inside an object, as `amount: {value: 1234}`, may be hundredths."""
    for role in ("total", "gross", "amount"):
        name = plan.roles.get(role, "")
        amounts = plan.values[name].amounts if name else None
        is_inside = name.endswith((".value", ".amount", ".total")) and name not in plan.minor
        if amounts and amounts.is_whole and is_inside:
            plan.notes.ask(f"{name} has whole numbers alone: are they hundredths? Then divide by 100")


def _ask_about_money(plan: Plan) -> None:
    """Amounts in a list that gives no orders."""
    if paid := [plan.roles[role] for role in ("total", "gross", "amount") if plan.has(role)]:
        lacking = "" if plan.has("date") else ", and no column with a day was found"
        plan.notes.ask(f"{some(paid)} is in no order's total{lacking}: are these rows sales?")


def told_twice(plan: Plan) -> list[str]:
    """Orders whose lines come once more further down, every value equal: two scans of a thing stand together.

    None in a file whose orders are scattered over it: there equal lines apart are nothing special.
    """
    name, rows = plan.roles.get("order_id"), plan.sample.row_count
    if not name or plan.items:
        return []
    columns = [plan.sample.columns[column] for column in plan.sample.names]
    numbers = [(text or "").strip() for text in plan.column_values(name)]
    starts = [at for at in range(rows) if numbers[at] and (not at or numbers[at] != numbers[at - 1])]
    blocks: dict[str, list[tuple[tuple[str | None, ...], ...]]] = {}
    for start, end in zip(starts, [*starts[1:], rows], strict=True):
        lines = tuple(tuple(column[at] for column in columns) for at in range(start, end))
        blocks.setdefault(numbers[start], []).append(lines)
    twice = [number for number, found in blocks.items() if len(set(found)) < len(found)]
    scattered = sum(len(found) > 1 for found in blocks.values()) - len(twice)
    return twice if len(twice) > scattered else []


def _ask_of_guesses(plan: Plan) -> None:
    """What was taken by its values alone."""
    if plan.roles.get("date") == FILE_DAY:
        plan.notes.ask(f"no column has a day: each row is taken to be of {plan.roles['date']}; is that so?")
    for role, meaning in GUESSED.items():
        name = plan.roles.get(role)
        if name in plan.sample.made:
            continue
        is_own = role == "order_id" and name and plain(path_of(name)[-1]) in ("name", *OWN_NUMBERS, "")
        if (
            name
            and not is_own
            and name not in plan.sample.differences
            and name not in plan.sample.sums
            and place_of(role, name) is None
        ):
            plan.notes.ask(f"{name} is taken as {meaning}, since no name says which column is: is it?")


TYPES = re.compile(
    r"\w*(_|^)(type|typ|art|kind|category_code|nature|tipo|rodzaj|druh|soort|slag|tur|turu|tip)|тип_\w+|\w*(类型|类别|種別|区分|구분|유형)"
)
OTHER_TYPES = re.compile(
    r"pay|tender|card|customer|client|kunde|product|item|article|artikel|goods|ship|deliver|versand|liefer|contact|price|preis|address"
    r"|device|user|account|member|tax|vat|mwst|ust|discount|voucher|coupon|promo|channel|store|room|ticket|vehicle|file|currency|country"
    r"|post|zip|area|language|material|zahl|konto|waehr|land|plz|kategor|categor|商品|支付|付款|客户|会员|商品|決済|支払|상품|결제|배송|配送|发票"
)


STATES = re.compile(
    r"\w*(status|state|zustand|statut|etat|estado|stato|situacao|stav|durum|статус|状态|상태)(_?(id|code|nr|no|key))?"
)
OTHER_STATES = re.compile(r"fulfil|ship|deliver|versand|email|contact|lead|tax|address|country|billing|customer|home")
MOST_STATES = 12


def _ask_about_numbered_states(plan: Plan, unused: Sequence[str]) -> None:
    """States as numbers: 30 is complete in one program and called off in another."""
    for name in unused:
        values, word = plan.values[name], plain(name)
        is_few = values.kind in ("integer", "flag") and 1 < len(values.counts) <= MOST_STATES
        is_said = any(sentence.startswith(name) for sentence in plan.notes.asked)
        if is_few and not is_said and STATES.fullmatch(word) and not OTHER_STATES.search(word):
            plan.notes.ask(f"{name} ({shown(values)}) is not used: which of these numbers do not count?")


def _ask_about_types(plan: Plan, unused: Sequence[str]) -> None:
    """A type of gift, posting or contract may say which rows are no sales, whatever its words are."""
    if plan.has("kind") or plan.has("component"):
        return
    for name in unused:
        values, word = plan.values[name], plain(name)
        is_few = values.kind == "text" and 1 < len(values.counts) <= MOST_WORDS
        is_said = any(sentence.startswith(name) for sentence in plan.notes.asked)
        if is_few and not is_said and TYPES.fullmatch(word) and not OTHER_TYPES.search(word):
            plan.notes.ask(f"{name} ({shown(values)}) is not used: are all of these sales, and none twice?")


def _role(name: str, tables: set[str], values: Values) -> str:
    """What the column's name says that it is about; '' where that is nothing that figures hang on."""
    named = forms(name)
    is_fact = "silver.orders" in tables or "silver.order_lines" in tables
    for role in TELLING:
        if role in ("consent", "opt_out") and "silver.customers" not in tables:
            continue
        if role not in ("consent", "opt_out") and not is_fact:
            continue
        if any(re.fullmatch(words, form) for words in NAMES[role] for form in named) and may_tell(role, values):
            return role
    return ""


def _gives_back(plan: Plan, name: str) -> bool:
    """Whether the name speaks of refunds or returns, and some row has a number, a list or words there."""
    if not any(BACK.search(form) for form in forms(name)):
        return False
    texts = {(text or "").strip() for text in plan.column_values(name)}
    return any(text and not NOTHING.fullmatch(text) for text in texts)
