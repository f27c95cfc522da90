"""Questions about amounts that can be read in two ways."""

import re

from lakehouse.authoring.proposal.column_forms import WITHOUT_TAX, scale_of
from lakehouse.authoring.proposal.expressions_of import NO_ZERO
from lakehouse.authoring.proposal.money import CLOSE, ENOUGH, LOOKED_AT, Money, Numbers
from lakehouse.authoring.proposal.plan import Plan, is_padded
from lakehouse.authoring.proposal.roles import is_minor


def ask_about_amounts(plan: Plan, money: Money) -> None:
    """Ask what the columns of amounts mean where their names and values leave two answers."""
    used = [name for name in dict.fromkeys((money.total, money.line)) if name]
    price = plan.roles.get("unit_price", "")
    for name in used:
        _ask_about_sign(plan, name)
    for name in dict.fromkeys([*used, *([price] if price else [])]):
        _ask_about_size(plan, name)
    several = any(len(rows) > 1 for rows in plan.rows_by_order.values())
    if (
        used
        and not several
        and (nothing := sum(not number for number in plan.numbers(used[0]))) > FEW * plan.sample.row_count
    ):
        plan.notes.ask(f"{used[0]} is taken as the amount, and is nothing on {nothing:,} rows: is it?")
    _ask_about_made(plan)
    _ask_about_larger(plan, used[:1])
    _ask_about_tips(plan, used[:1])
    if money.is_product and not money.total and plan.has("tax"):
        plan.notes.ask(f"{price} is taken as it is: is {plan.roles['tax']} in it, or on top?")
    _ask_about_rows(plan)


def _ask_about_sign(plan: Plan, name: str) -> None:
    numbers = [number for number in plan.numbers(name) if number]
    if numbers and 2 * sum(number < 0 for number in numbers) > len(numbers):
        plan.notes.ask(f"{name} is below zero on most rows: is what is sold negative there? Then write -cents(...)")
    if WITHOUT_TAX.search(name):
        plan.notes.ask(f"{name} is without tax: is there an amount with it under another name?")


def _ask_about_size(plan: Plan, name: str) -> None:
    amounts = plan.values[name].amounts
    if (scale := scale_of(name)) > 1:
        plan.notes.ask(f"{name} counts {scale:,} by its name: amounts are multiplied; is that so?")
    if amounts and amounts.is_doubtful:
        sample = next((t for t in plan.values[name].seen if re.search(r"[.,]\d{3}$", t)), "1.000")
        plan.notes.ask(f"{name}: {sample} is taken as a thousand, since nothing has one or two decimals: is it?")
    if name in plan.minor and is_padded(plan.values[name]):
        plan.notes.ask(f"{name} is written in a fixed width behind zeros: its last two digits are taken as decimals")
    elif name in plan.minor and not is_minor(name):
        plan.notes.ask(
            f"{name} has whole numbers only, beside its currency as a payment service's program writes it: "
            "taken as cents; where they are whole units write cents(...)"
        )
    elif amounts and amounts.is_whole and not is_minor(name) and (_is_program(plan) or _is_whole_document(plan, name)):
        plan.notes.ask(
            f"{name} has whole numbers only: are these cents? Then write try_cast(... AS BIGINT) for cents(...)"
        )


def _ask_about_larger(plan: Plan, used: list[str]) -> None:
    """Ask where another amount is larger than the one taken, by no more than a tax or a fee, on nearly all rows."""
    taken = {name for role, name in plan.roles.items() if role not in ("total", "gross", "amount", "net", "subtotal")}
    for chosen in used:
        known = " ".join(plan.notes.asked + plan.notes.found + plan.notes.left_out)
        for name in plan.sample.names:
            if name == chosen or name in taken or name in known or plan.values[name].kind != "decimal":
                continue
            if _is_larger(plan.numbers(name, LOOKED_AT), plan.numbers(chosen, LOOKED_AT)):
                plan.notes.ask(f"{name} is larger than {chosen} and not used: was it paid, tax or fees included?")


def _ask_about_tips(plan: Plan, used: list[str]) -> None:
    """Ask whether tips are in the amount, unless another column is the amount with them."""
    tip = plan.roles.get("tip", "")
    if not used or not tip or plan.values[tip].high <= 0:
        return
    tips, chosen = plan.numbers(tip, LOOKED_AT), plan.numbers(used[0], LOOKED_AT)
    with_tips = [
        amount + part if amount is not None and part else None for amount, part in zip(chosen, tips, strict=True)
    ]
    numbers = [name for name in plan.sample.names if plan.values[name].is_number and name not in (tip, used[0])]
    if not any(_are_same(plan.numbers(name, LOOKED_AT), with_tips) for name in numbers):
        plan.notes.ask(f"{tip}: is it in {used[0]}? What guests give to the staff is no sale")


def _are_same(others: Numbers, chosen: Numbers) -> bool:
    pairs = [(a, b) for a, b in zip(others, chosen, strict=True) if a is not None and b is not None]
    return bool(pairs) and sum(abs(a - b) < CLOSE for a, b in pairs) >= ENOUGH * len(pairs)


def _is_larger(others: Numbers, chosen: Numbers) -> bool:
    pairs = [(a, b) for a, b in zip(others, chosen, strict=True) if a and b and b > 0]
    near = sum(b < a <= MOST_MORE * b for a, b in pairs)
    return len(pairs) >= FEWEST and near >= ENOUGH * len(pairs)


FEW = 0.6  # share of the rows; more without an amount are no list of what was paid
MOST_MORE = 1.6  # a tax of 27 percent and a fee
FEWEST = 5  # rows


def _ask_about_made(plan: Plan) -> None:
    """Amounts that are made of several columns."""
    for name, (credit, debit) in plan.sample.differences.items():
        plan.notes.ask(f"amounts are {name}: what stands in {credit} is sold, in {debit} given back; is that so?")
    for parts in plan.sample.sums.values():
        plan.notes.ask(
            f"no column has the amount: it is taken as {' + '.join(parts)}; is that all, and no change in it?"
        )


def _ask_about_rows(plan: Plan) -> None:
    """Rows that lack a currency, and hours that no day has."""
    time, currency = plan.roles.get("time", ""), plan.roles.get("currency", "")
    if time and plan.values[time].past_midnight:
        plan.notes.ask(f"{time}: hours from 24 on are taken as those of the next day's morning: are they?")
    has_several = any(len(rows) > 1 for rows in plan.rows_by_order.values())
    if currency and not has_several and (empty := plan.sample.row_count - plan.values[currency].filled):
        plan.notes.ask(f"{currency} is empty on {empty:,} rows: they are in the reporting currency; is that so?")


def _is_whole_document(plan: Plan, name: str) -> bool:
    """Whether a program's document has whole amounts alone, large ones, in a currency that has hundredths."""
    if plan.sample.format not in ("json", "json_lines"):
        return False
    code = plan.roles.get("currency", "")
    has_hundredths = not code or not {text.upper() for text in plan.values[code].seen} & set(NO_ZERO)
    return (
        has_hundredths
        and plan.values[name].distinct >= FEWEST
        and all(abs(number) >= WHOLE for number in plan.numbers(name) if number)
    )


WHOLE = 100  # hundredths of one unit


def _is_program(plan: Plan) -> bool:
    """Currency codes in small letters are a payment service's, which counts in minor units."""
    name = plan.roles.get("currency", "")
    return bool(name) and all(text == text.lower() for text in plan.values[name].seen)
