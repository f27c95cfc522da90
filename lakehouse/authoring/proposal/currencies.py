"""The currency of an order: a column, the sign in the amount, or the column's name."""

import re

from lakehouse.authoring.proposal.amounts import currency_code
from lakehouse.authoring.proposal.expressions_of import quoted
from lakehouse.authoring.proposal.notes import some
from lakehouse.authoring.proposal.plan import Plan
from lakehouse.authoring.proposal.roles import currency_in

NO_CURRENCY = "XXX"  # ISO 4217: no currency; there is no rate for it, so the row waits in quarantine
NUMBER_ALONE = '"^[0-9.,\'() +-]*$"'
KANA = re.compile("[\u3040-\u30ff円税]")
CHINESE = re.compile("[\u4e00-\u9fff]")


def currency_sql(plan: Plan, amount: str) -> str:
    """SQL for the currency of a row, '' where nothing tells it."""
    if plan.has("currency"):
        return _of_its_name(plan, amount) or _by_column(plan, plan.roles["currency"])
    amounts = plan.values[amount].amounts if amount else None
    if amounts and amounts.signs:
        return _by_sign(plan, amount, amounts.signs)
    return plan.read.currency(amount) if amount else ""


def _of_its_name(plan: Plan, amount: str) -> str:
    """The currency in an amount's name, where the column of currencies says another: that one is of another amount."""
    code = currency_in(amount) if amount else ""
    column = plan.roles["currency"]
    words = {currency_code(word) for word in plan.values[column].counts or plan.values[column].seen}
    if not code or not words or words == {code}:
        return ""
    plan.notes.ask(f"{amount} is in {code} by its name, whatever {column} says: is {column} of another amount?")
    return quoted(code)


def item_currency_sql(plan: Plan) -> str:
    """SQL for the currency of a line in a list: its own, else its order's; '' where nothing tells it."""
    if plan.items and not plan.has("currency") and "currency" in plan.items.roles:
        return f"upper({plan.items.read.text(plan.items.roles['currency'])})"
    return currency_sql(plan, "") if plan.has("currency") else ""


def _by_column(plan: Plan, name: str) -> str:
    values = plan.values[name]
    text = f"upper({plan.read.text(name)})"
    strange = [word for word in values.counts or values.seen if word.upper() != currency_code(word)]
    for word in strange:
        if code := resolved(plan, currency_code(word), ""):
            text = f"CASE WHEN {plan.read.text(name)} = {quoted(word)} THEN {quoted(code)} ELSE {text} END"
    return text


def resolved(plan: Plan, code: str, amount: str) -> str:
    """A code; yen or yuan by the file's script, and by decimals where there is none."""
    if code != "¥":
        return "CNY" if code == "RMB" else code
    header = " ".join(plan.sample.names)
    if KANA.search(header):
        return "JPY"
    if CHINESE.search(header):
        return "CNY"
    whole = bool(amount) and plan.values[amount].kind == "integer"
    plan.notes.ask(f"¥ is taken as {'JPY' if whole else 'CNY'}: yen or yuan?")
    return "JPY" if whole else "CNY"


def _by_sign(plan: Plan, name: str, signs: dict[str, int]) -> str:
    column = plan.read.column(name)
    codes = {sign: resolved(plan, currency_code(sign), name) for sign in sorted(signs, key=len, reverse=True)}
    cases = " ".join(f"WHEN contains({column}, {quoted(sign)}) THEN {quoted(code)}" for sign, code in codes.items())
    one = quoted(next(iter(codes.values()))) if len(set(codes.values())) == 1 else "NULL"
    plan.notes.find(f"currency by the sign in {name}: {some(f'{s} {c}' for s, c in codes.items())}")
    if any(sign.lower().strip(".") == "kr" for sign in signs):
        plan.notes.ask(f"{name}: kr is taken as SEK: or is it NOK, DKK or ISK?")
    if len(set(codes.values())) > 1:
        plan.notes.ask(f"{name} has {len(set(codes.values()))} currencies; their rates belong into currency.yaml")
    if free := ", ".join(quoted(word) for word in plan.values[name].free):
        cases = f"{cases} WHEN lower(trim({column})) IN ({free}) THEN {one}"
    return f"CASE {cases} WHEN regexp_like(trim({column}), {NUMBER_ALONE}) THEN {one} ELSE '{NO_CURRENCY}' END"
