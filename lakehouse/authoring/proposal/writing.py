"""The proposed YAML, and what was found, left out and asked: comments at its end, sentences for the terminal."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lakehouse.authoring.proposal import looks
from lakehouse.authoring.proposal.column_forms import plain
from lakehouse.authoring.proposal.explanations import rule_of
from lakehouse.authoring.proposal.file_names import channel_of, glob_of, name_of
from lakehouse.authoring.proposal.notes import Notes, some
from lakehouse.authoring.proposal.other_deliveries import whole_list_again
from lakehouse.authoring.proposal.overlooked import ask_about, told_twice
from lakehouse.authoring.proposal.plan import Plan, TargetPlan, planned
from lakehouse.authoring.proposal.repeated_lines import with_lines_once
from lakehouse.authoring.proposal.row_statuses import status_columns
from lakehouse.authoring.proposal.sniffing import sample
from lakehouse.authoring.proposal.targets import targets_of
from lakehouse.authoring.proposal.values import Values
from lakehouse.authoring.proposal.versions import version_of
from lakehouse.errors import ConfigError

SNAPSHOT = re.compile(
    r"(?i)(?<![a-z])(full|snapshot|complete|dump|gesamt|gesamtliste|vollst\w*|komplett|complet|completo|全量|全部|全件)(?![a-z])"
)
UNIVERSAL = re.compile(r"(^|_)(utc|gmt)(_|$)")
KINDS = {
    "integer": "whole number",
    "decimal": "decimal number",
    "date": "day",
    "datetime": "instant",
    "time": "time of day",
    "flag": "yes or no",
    "items": "JSON list",
    "object": "JSON object",
    "text": "text",
    "empty": "always empty",
}
PURPOSE = {"email": "marketing", "phone": "service"}


@dataclass(frozen=True)
class Proposal:
    """A proposed export: its name, its YAML, the tables it fills, and what it found, left out and asks."""

    name: str
    text: str
    tables: tuple[str, ...]
    notes: Notes

    @property
    def checks(self) -> tuple[str, ...]:
        """What a person must look at."""
        return tuple(self.notes.asked)


def proposal(path: Path, name: str = "", channel: str = "", schema: str = "") -> Proposal:
    """Propose an export for a file.

    Args:
        name: the export's; from the file's name where empty.
        channel: from the export's name where empty.
        schema: address of the JSON Schema for editors, relative to the YAML file.

    Raises:
        ConfigError: the file is of no known form, has no rows, or fits no table.
    """
    name = name or name_of(path)
    plan = with_lines_once(planned(sample(path), channel or channel_of(name)))
    if plan.sample.row_count == 0:
        raise ConfigError("the file has a header and no rows to judge by", str(path), "give one with some rows")
    targets = targets_of(plan)
    if not targets:
        raise ConfigError(
            f"no table fits: {_lacks(plan)}",
            str(path),
            "name columns as words.yaml knows them, or write the YAML by hand",
        )
    _remark(plan, targets)
    document = _document(plan, targets, name, path)
    text = "\n".join([*_head(plan, name, path, schema), *_written(document, targets), *_tail(plan.notes)]) + "\n"
    if yaml.safe_load(text) != document:
        raise ConfigError("the proposal cannot be written as YAML", str(path), "rename columns with control characters")
    return Proposal(name, text, tuple(target.table for target in targets), plan.notes)


def _lacks(plan: Plan) -> str:
    """What was found and what orders, customers, products or events would need."""
    found = ", ".join(f"{name} ({role.replace('_', ' ')})" for role, name in plan.roles.items()) or "nothing"
    unknown = some(name for name in plan.sample.names if name not in plan.roles.values())
    needs = "an order needs a date and an amount, number or customer; a customer a key and a name or address"
    return f"found {found}; not known: {unknown or 'none'}; {needs}"


def _remark(plan: Plan, targets: list[TargetPlan]) -> None:
    """What is left to say about the whole file."""
    used = set(plan.roles.values()) | set(status_columns(plan)) | ({plan.items.column} if plan.items else set())
    used |= {plan.sample.paths[name][0] for name in used if name in plan.sample.paths}
    used |= {name for name in plan.sample.names if is_read(plan, targets, name)}
    used -= {name for name in status_columns(plan) if not is_read(plan, targets, name)}
    unused = [
        n for n in plan.sample.names if n not in used and plan.values[n].kind != "empty" and n not in plan.sample.paths
    ]
    if unused:
        plan.notes.leave_out(f"columns without use: {some(unused, 40)}")
    for name in plan.roles.values():
        if plan.values[name].is_doubtful:
            plan.notes.ask(f"{name}: day or month first? both fit; taken as {plan.values[name].dates.patterns[0]}")  # type: ignore[union-attr]
    ask_about(plan, targets, unused)
    if plan.customer and {"0", "1"} <= set(plan.values[plan.customer[0]].seen):
        plan.notes.ask(f"{plan.customer[0]}: 0 is taken as a customer, since 1 is one, too: or is it nobody?")
    elif plan.customer and (words := nobodies(plan)):
        plan.notes.find(f"{plan.customer[0]}: {some(words)} are nobody: orders of guests")
    for payer, payee in plan.sample.sides.values():
        plan.notes.find(f"where an amount is below zero, {payer} is the shop's own: the customer stands in {payee}")
    if plan.sample.broken:
        lines = "1 line has" if plan.sample.broken == 1 else f"{plan.sample.broken:,} lines have"
        plan.notes.ask(
            f"{lines} more or fewer values than the header: set aside, and their orders with them; is it so?"
        )
    for remark in plan.sample.remarks:
        plan.notes.ask(remark)
    plan.notes.find(f"channel {plan.channel}: exports whose account keys are the same numbers share one channel")


def is_read(plan: Plan, targets: list[TargetPlan], name: str) -> bool:
    """Whether an expression reads a column, in whatever role."""
    column = re.compile(rf"(?<![\w`]){re.escape(plan.read.column(name))}(?![\w`])")
    return any(column.search(sql) for target in targets for sql in _expressions(target))


def _expressions(target: TargetPlan) -> list[str]:
    return [*target.columns.values(), target.where, *target.discard.values(), *target.flags.values(), *target.group_by]


def nobodies(plan: Plan) -> list[str]:
    """Words of the customer column that stand for nobody."""
    from lakehouse.sql.macros import WORDS

    known = {str(word) for word in WORDS["nobody"]} | {"0"}
    name = plan.customer[0] if plan.customer else ""
    return [
        text
        for text in dict.fromkeys(t.strip() for t in plan.column_values(name) if t)
        if text.lower() in known and text
    ]


def scalar(value: object) -> str:
    """One YAML value on one line."""
    style = '"' if isinstance(value, str) and any(ord(c) < 32 or c in "\x85\u2028\u2029" for c in value) else None
    text = yaml.safe_dump(
        value, allow_unicode=True, width=10**6, default_flow_style=True, sort_keys=False, default_style=style
    )
    return text.strip().removesuffix("...").strip()


def _document(plan: Plan, targets: list[TargetPlan], name: str, path: Path) -> dict[str, Any]:
    """The export as it is written."""
    sample_ = plan.sample
    made: dict[str, Any] = {
        "export": name,
        "description": f"what {path.name} has",
        "channel": plan.channel,
        "files": glob_of(path),
        "format": sample_.format,
    }
    if sample_.encoding != "auto":
        made["encoding"] = sample_.encoding
    made |= _snapshot(plan, path)
    made |= version_of(plan, {target.table for target in targets})
    made |= {"told_twice": "once"} if any(t.group_by for t in targets) and told_twice(plan) else {}
    if sample_.format == "csv":
        made |= {} if sample_.delimiter == "," else {"delimiter": sample_.delimiter}
        made |= {"quote": "", "header": False} if sample_.words else {} if sample_.header else {"header": False}
    made |= sample_.settings
    made |= _zone(plan)
    made["columns"] = _columns(plan)
    if plan.customer and any(target.table != "silver.products" for target in targets):
        made["account"] = _account(plan)
    made["targets"] = [_target(target, plan) for target in targets]
    return made


def _snapshot(plan: Plan, path: Path) -> dict[str, bool]:
    """`snapshot: true`, where the file's name says that it is the whole list, or a later delivery tells it again."""
    if not SNAPSHOT.search(path.stem):
        return {"snapshot": True} if whole_list_again(plan, path) else {}
    plan.notes.ask(
        f"{_printable(path.name)} is taken as the whole list each time, and what a later file lacks as gone: is it?"
    )
    return {"snapshot": True}


def _zone(plan: Plan) -> dict[str, str]:
    """`zone:`, where a column tells the zone of times without offset."""
    name = plan.roles.get("zone")
    date = plan.values[plan.roles["date"]].dates if plan.has("date") else None
    if date and date.has_time and not date.has_offset and UNIVERSAL.search(plain(plan.roles["date"])):
        plan.notes.find(f"{plan.roles['date']} is in UTC by its name")
        return {"zone": "UTC"}
    if not name or not plan.has("date") or (date and date.has_offset):
        return {}
    words = {text: looks.zone_of(text) for text in plan.values[name].counts}
    plan.notes.find(f"times are of the zone in {name}")
    if all(text == zone for text, zone in words.items()):
        return {"zone": plan.read.column(name)}
    if unknown := [text for text, zone in words.items() if not zone]:
        plan.notes.ask(f"{name} has {some(unknown)}, which is no known zone")
    column = plan.read.column(name)
    spelled = {text: zone for text, zone in words.items() if zone and zone != text}
    cases = " ".join(f"WHEN {scalar_sql(text)} THEN {scalar_sql(zone)}" for text, zone in spelled.items())
    return {"zone": f"CASE trim({column}) {cases} ELSE trim({column}) END"}


def scalar_sql(text: str) -> str:
    """A SQL string."""
    from lakehouse.authoring.proposal.expressions_of import quoted

    return quoted(text)


def _columns(plan: Plan) -> dict[str, Any]:
    if plan.sample.words:
        return {"line": {"description": f"values apart by spaces: {', '.join(plan.sample.names)}"}}
    by_column = {side: role for role, name in plan.roles.items() for side in plan.sample.sides.get(name, (name,))}
    holders = {
        plan.sample.paths[n][0] for n, role in by_column.items() if role in looks.PERSONAL and n in plan.sample.paths
    }
    names = [name for name in plan.sample.names if name not in plan.sample.paths]
    return {name: _column(plan.values[name], by_column.get(name, ""), name in holders) for name in names}


def _column(values: Values, role: str, holds_personal: bool) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if role in looks.PERSONAL or holds_personal:
        made = {"personal": True, "purpose": PURPOSE.get(role, "identity")}
    return {**made, "description": _described(values, role)}


def _described(values: Values, role: str) -> str:
    words = KINDS[values.kind]
    if values.dates:
        words += f" ({', '.join(pattern or 'ISO 8601' for pattern in values.dates.patterns)})"
    elif values.is_date:
        words += f" ({values.pattern.replace('_', ' ')})"
    if values.filled < values.rows:
        words += f", empty in {values.rows - values.filled:,} of {values.rows:,}"
    return f"{role.replace('_', ' ')}: {words}" if role else words


def _account(plan: Plan) -> dict[str, Any]:
    """The account by its key; an e-mail address or phone number is hashed."""
    name, is_email = plan.customer or ("", False)
    is_personal = (
        is_email
        or name in (plan.roles.get("phone"), plan.roles.get("national_id"))
        or bool(looks.personal_kind(plan.values[name]))
    )
    is_address = is_email or looks.personal_kind(plan.values[name]) == "email"
    return {"key": plan.read.account(name, is_address), **({"personal": True} if is_personal else {})}


def _target(target: TargetPlan, plan: Plan) -> dict[str, Any]:
    discard = rule_of(plan.sample, plan.read) | target.discard
    if plan.sample.words and plan.sample.header:
        discard["header_line"] = f"trim(line) LIKE '{plan.sample.names[0]}%'"
    made: dict[str, Any] = {"table": target.table}
    parts = {
        "where": target.where,
        "discard": discard,
        "explode": target.explode,
        "group_by": target.group_by,
        "flags": target.flags,
    }
    return {**made, **{key: value for key, value in parts.items() if value}, "columns": target.columns}


def _head(plan: Plan, name: str, path: Path, schema: str) -> list[str]:
    lines = [f"# yaml-language-server: $schema={schema}"] if schema else []
    asks = f"{len(plan.notes.asked)} questions stand at its end" if plan.notes.asked else "it asks nothing"
    return [
        *lines,
        f"# Proposed from {_printable(path.name)}, by its first {plan.sample.row_count:,} rows; {asks}.",
        f"# See its figures: lakehouse check --export {name} --file {_printable(path.name)}",
    ]


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


def _written(document: dict[str, Any], targets: list[TargetPlan]) -> Iterable[str]:
    """The document, a line per column and per expression."""
    for key, value in document.items():
        if key in ("columns", "account"):
            yield f"{key}:"
            yield from (f"  {scalar(name)}: {scalar(inner)}" for name, inner in value.items())
        elif key == "targets":
            yield "targets:"
            for target in value:
                yield from _target_lines(target)
        else:
            yield f"{key}: {scalar(value)}"


def _target_lines(target: dict[str, Any]) -> Iterable[str]:
    yield f"  - table: {target['table']}"
    for key, value in target.items():
        if key in ("discard", "flags", "columns", "explode"):
            yield f"    {key}:"
            yield from (f"      {scalar(name)}: {scalar(inner)}" for name, inner in value.items())
        elif key != "table":
            yield f"    {key}: {scalar(value)}"


def _tail(notes: Notes) -> Iterable[str]:
    for title, sentences in (("Found", notes.found), ("Left out", notes.left_out), ("Asked", notes.asked)):
        if sentences:
            yield f"# {title}:"
            mark = "check: " if title == "Asked" else ""
            yield from (f"#   {mark}{_printable(sentence)}" for sentence in sentences)
