"""Figures of `lakehouse check`: what each target adds up to, and columns that look as if they should be used."""

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from lakehouse.authoring import preview
from lakehouse.authoring.preview.figures import Figures, figures, own_totals
from lakehouse.authoring.proposal.looks import PERSONAL
from lakehouse.authoring.proposal.notes import some
from lakehouse.authoring.proposal.plan import Plan, planned
from lakehouse.authoring.proposal.sniffing import Sample
from lakehouse.config.exports import Export
from lakehouse.errors import ConfigError
from lakehouse.sql import expressions

TELLING = (
    "status",
    "kind",
    "direction",
    "component",
    "refunded",
    "zone",
    "tax",
    "currency",
    "opt_out",
    "consent",
    "discount",
)
NAMES = {
    "kind": "a type of row",
    "component": "a part of an order",
    "direction": "money in or out",
    "refunded": "refunds",
}


def add(console: Console, export: Export, target: str, made: preview.Preview, currency: str) -> Figures:
    """Print a target's figures in a line, and return them."""
    found = figures(made)
    parts = [f"{found.rows:,} rows"]
    if found.accounts is not None or target == "silver.orders":
        parts.append(
            f"{found.accounts or 0:,} accounts, "
            f"{found.guests if found.accounts is not None else found.rows:,} rows without one"
        )
    if found.first_day:
        parts.append(
            f"{found.first_day} to {found.last_day}"
            + (f", {found.without_day:,} without a day" if found.without_day else "")
        )
    if found.smallest is not None and found.largest is not None:
        parts += [f"sum {_money(cents)} {code or currency}" for code, cents in sorted(found.sums.items())]
        parts.append(f"smallest {_money(found.smallest)}, largest {_money(found.largest)}")
    parts += [f"{found.without_amount:,} rows whose amount cannot be read"] if found.without_amount else []
    console.print(f"{export.name}, {target}: {'; '.join(parts)}", highlight=False, markup=False, soft_wrap=True)
    return found


def _money(cents: int) -> str:
    return f"{cents / 100:,.2f}"


def without_rate(found: Figures, currency: str, rates: Mapping[object, Mapping[str, float]]) -> list[str]:
    """Currencies of orders that no rate serves: such rows wait in quarantine."""
    known = {code for day in rates.values() for code in day} | {currency, ""}
    return [code for code in found.sums if code not in known]


def totals(console: Console, path: Path, export: Export) -> None:
    """What the file says of itself."""
    for text in own_totals(path, export):
        console.print(f"the file's own total: {text}", highlight=False, markup=False)


def unused(export: Export, source: preview.Lines, path: Path) -> list[str]:
    """Sentences about columns that no expression uses, though their name and values say that figures hang on them."""
    used = used_columns(export)
    plan = _plan(source, export, path)
    if plan is None:
        return []
    known = {name: role for role, name in plan.roles.items()}
    found = []
    for name, role in known.items():
        column = plan.sample.paths.get(name, (name, ""))[0]
        if column.casefold() in used or role not in TELLING or role in PERSONAL:
            continue
        found.append(
            f"{name} is not used and looks like {NAMES.get(role, role.replace('_', ' '))}: {_values(plan, name)}"
        )
    return found


def _values(plan: Plan, name: str) -> str:
    values = plan.values[name]
    if values.counts and not values.is_number:
        return some((f"{text} ({count:,})" for text, count in values.counts.items()), 10)
    numbers = [number for number in plan.numbers(name) if number] if values.is_number else []
    return (
        f"{len(numbers):,} values other than 0, in all {sum(numbers):,.2f}"
        if values.is_number
        else f"{values.distinct:,} values"
    )


def _plan(source: preview.Lines, export: Export, path: Path) -> Plan | None:
    names = [name for name in source.table.column_names if not name.startswith("_")]
    if not names or not source.table.num_rows:
        return None
    columns = {name: [None if v is None else str(v) for v in source.table[name].to_pylist()] for name in names}
    return planned(Sample(path, export.format, tuple(names), columns, delimiter=export.delimiter), export.channel)


def used_columns(export: Export) -> set[str]:
    """Columns that some expression of the export uses, casefolded."""
    texts = [export.zone, export.version]
    for account in (export.account, *(target.account for target in export.targets)):
        texts += [account.key, account.channel or ""] if account else []
    found = set()
    for target in export.targets:
        texts += [target.where, *target.discard.values(), *target.flags.values(), *target.columns.values()]
        found |= {key.casefold() for key in target.group_by}
        texts += [key for key in target.group_by if "(" in key]
        found |= {target.explode.column.casefold()} if target.explode else set()
    for text in filter(None, texts):
        try:
            found |= {name.casefold() for name in expressions.columns_of(text)}
        except ConfigError:
            found.add(text.casefold())
    return found
