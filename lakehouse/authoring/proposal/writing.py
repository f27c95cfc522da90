"""The proposed YAML: what was found as comments, what a person must look at marked `check:`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from lakehouse.authoring.proposal import roles as roles_of
from lakehouse.authoring.proposal.expressions_of import Reader
from lakehouse.authoring.proposal.sniffing import sample
from lakehouse.authoring.proposal.targets import Plan, TargetPlan
from lakehouse.authoring.proposal.values import Values, judged

GENERIC = {
    "order",
    "orders",
    "customer",
    "customers",
    "client",
    "clients",
    "product",
    "products",
    "item",
    "items",
    "sale",
    "sales",
    "transaction",
    "transactions",
    "data",
    "export",
    "user",
    "users",
    "store",
    "stores",
    "bestellungen",
    "kunden",
    "commandes",
    "ventes",
    "pedidos",
    "invoice",
    "invoices",
    "my",
}
KINDS = {
    "integer": "whole number",
    "decimal": "decimal number",
    "date": "day",
    "datetime": "instant",
    "time": "time of day",
    "flag": "yes or no",
    "items": "JSON list",
    "text": "text",
    "empty": "always empty",
}
PURPOSE = {"email": "marketing", "phone": "service"}


@dataclass(frozen=True)
class Proposal:
    """A proposed export: its name, its YAML, the tables it fills, and what a person must look at."""

    name: str
    text: str
    tables: tuple[str, ...]
    checks: tuple[str, ...]


def proposal(path: Path, name: str = "", channel: str = "", schema: str = "") -> Proposal:
    """Propose an export for a file.

    Args:
        name: the export's; from the file's name where empty.
        channel: from the export's name where empty.
        schema: address of the JSON Schema for editors, relative to the YAML file.

    Raises:
        ConfigError: the file is of no known form.
    """
    sampled = sample(path)
    name = name or name_of(path)
    channel = channel or channel_of(name)
    values = {column: judged(texts) for column, texts in sampled.columns.items()}
    roles = roles_of.assigned(sampled, values)
    plan = Plan(sampled, roles_of.with_epochs(values, roles), roles, channel)
    targets = plan.targets()
    lines = [*_head(plan, name, path, schema), *_columns(plan), *_account(plan, targets), *_targets(targets, plan)]
    checks = tuple(line.split("check: ", 1)[1] for line in lines if "check: " in line)
    return Proposal(name, "\n".join(lines) + "\n", tuple(t.table for t in targets), checks)


def name_of(path: Path) -> str:
    """An export's name from a file's: its words without dates, numbers and endings."""
    stem = re.sub(r"(\.(csv|txt|tsv|json|jsonl|ndjson|parquet|gz|dat))+$", "", path.name, flags=re.IGNORECASE)
    words = [word for word in roles_of.plain(stem).split("_") if word and not word.isdigit()]
    ascii_words = [word for word in words if word.isascii()]
    name = "_".join(ascii_words) or "new_export"
    return name if name[0].isalpha() else f"export_{name}"


def channel_of(name: str) -> str:
    """The first word of the name that is not about any company's files."""
    return next((word for word in name.split("_") if word not in GENERIC), "shop")


def glob_of(path: Path, name: str) -> str:
    """A pattern for the file and its later deliveries: digits and what follows the name may change."""
    first = re.match(r"\D*", path.name)
    stem = (first.group() if first else "").split(".")[0].rstrip("_- ")
    ending = "".join(re.findall(r"\.[A-Za-z][A-Za-z0-9]*", path.name[len(stem) :])[-2:])
    return f"{stem or name}*{ending}"


def scalar(value: object) -> str:
    """One YAML value on one line."""
    text = yaml.safe_dump(value, allow_unicode=True, width=100_000, default_flow_style=True).strip()
    return text.removesuffix("\n...").removesuffix("...").strip()


def _head(plan: Plan, name: str, path: Path, schema: str) -> list[str]:
    sampled = plan.sample
    lines = [f"# yaml-language-server: $schema={schema}"] if schema else []
    lines += [
        f"# Proposed from {path.name}, by its first {sampled.row_count:,} rows.",
        f"# Lines with `check:` are guesses to look at; then: lakehouse check --export {name} --file {path.name}",
        f"export: {name}",
        f"description: {scalar(f'what {path.name} has')}",
        f"channel: {plan.channel}   # check: exports whose account keys are the same numbers share one channel",
        f"files: {scalar(glob_of(path, name))}",
        f"format: {sampled.format}",
    ]
    if sampled.encoding != "auto":
        lines.append(f"encoding: {sampled.encoding}")
    if sampled.format == "csv":
        lines += [] if sampled.delimiter == "," else [f'delimiter: "{_escaped(sampled.delimiter)}"']
        lines += [
            'quote: ""',
            "header: false   # values stand apart by spaces: each line is one column",
        ] * sampled.words
        lines += ["header: false"] * (not sampled.header and not sampled.words)
    return lines


def _escaped(character: str) -> str:
    return {"\t": "\\t", "\u001f": "\\x1f"}.get(character, character)


def _columns(plan: Plan) -> list[str]:
    if plan.sample.words:
        what = ", ".join(plan.sample.names)
        return ["columns:", f"  line: {{description: {scalar('values apart by spaces: ' + what)}}}"]
    by_column = {name: role for role, name in plan.roles.items()}
    return ["columns:", *(_column(name, plan.values[name], by_column.get(name, "")) for name in plan.sample.names)]


def _column(name: str, values: Values, role: str) -> str:
    parts = [f"description: {scalar(_described(values, role))}"]
    if role in roles_of.PERSONAL:
        parts.insert(0, f"personal: true, purpose: {PURPOSE.get(role, 'identity')}")
    doubt = "   # check: day or month first? both fit" if values.is_doubtful else ""
    return f"  {scalar(name)}: {{{', '.join(parts)}}}{doubt}"


def _described(values: Values, role: str) -> str:
    words = KINDS[values.kind]
    if values.is_date:
        words += f" ({values.pattern or 'ISO 8601'})"
    if values.style:
        words += f" ({values.style})"
    if values.filled < values.rows:
        words += f", empty in {values.rows - values.filled:,} of {values.rows:,}"
    return f"{role.replace('_', ' ')}: {words}" if role else words


def _account(plan: Plan, targets: Iterable[TargetPlan]) -> list[str]:
    """The account by its key; an e-mail address or phone number is hashed."""
    role = next((r for r in ("customer_id", "email", "phone") if plan.has(r)), None)
    if role is None:
        return ["# check: no customer column was found: orders are guests', no customer comes of them"] * bool(targets)
    name = plan.roles[role]
    kind = roles_of.assigned_by_value(plan.values[name]) if role == "customer_id" else role
    read: Reader = plan.read
    lines = ["account:", f"  key: {scalar(read.key(name))}"]
    return [*lines, "  personal: true"] if kind in ("email", "phone") else lines


def _targets(targets: list[TargetPlan], plan: Plan) -> list[str]:
    if not targets:
        what = ", ".join(f"{name} ({role})" for role, name in plan.roles.items()) or "nothing"
        return [f"# check: no target fits by what was found: {what}", "targets: []"]
    return ["targets:", *(line for target in targets for line in _target(target, plan))]


def _target(target: TargetPlan, plan: Plan) -> list[str]:
    discard = dict(target.discard)
    if plan.sample.words and plan.sample.header:
        discard["header_line"] = f"trim(line) LIKE '{plan.sample.names[0]}%'"
    lines = [f"  # {note}" for note in target.notes]
    lines.append(f"  - table: {target.table}")
    lines += [f"    where: {scalar(target.where)}"] if target.where else []
    lines += ["    discard:", *(f"      {k}: {scalar(v)}" for k, v in discard.items())] if discard else []
    lines += [f"    group_by: {scalar(target.group_by)}"] if target.group_by else []
    lines += ["    flags:", *(f"      {k}: {scalar(v)}" for k, v in target.flags.items())] if target.flags else []
    return [*lines, "    columns:", *(f"      {k}: {scalar(v)}" for k, v in target.columns.items())]
