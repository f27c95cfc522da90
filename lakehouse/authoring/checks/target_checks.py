"""Checks of one target of an export: the table, its columns, and every expression."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from lakehouse.config.documents import Document
from lakehouse.config.exports import Export, Target
from lakehouse.config.findings import Findings, nearest
from lakehouse.contracts.contract import Contract, spark_type, split_top
from lakehouse.errors import ConfigError
from lakehouse.sql import expressions
from lakehouse.sql.checks import Scope, check_expression

At = tuple[Any, ...]
ENGINE = ("quality_flags", "_export", "_source_file", "_source_line", "_run_date")
# required columns that the product fills where a target does not, or from any one of others
FILLED = {"channel", "order_type", "currency", "is_guest", "is_lead", "is_event_only", "line_number", "order_count"}
EITHER = {
    "ordered_at": "order_date",
    "occurred_at": "occurred_date",
    "redeemed_at": "redeemed_date",
    "given_at": "given_date",
    "read_at": "read_date",
    "total_original_cents": "total_cents",
}
FROM_ORDER = {"silver.order_lines": {"order_date"}}  # taken from the order where the line does not say it
HELPERS = {"silver.order_lines": ("ordered_at", "currency")}  # mapped, used, and not kept


@dataclass(frozen=True)
class Part:
    """A part of an export's document, and where what is wrong with it goes."""

    document: Document
    at: At
    findings: Findings

    def where(self, *keys: Any) -> str:
        """File and line of a key below the part."""
        return self.document.where((*self.at, *keys))

    def check(self, sql: str, scope: Scope, *keys: Any) -> None:
        """Check the expression of a key."""
        check_expression(sql, scope, self.where(*keys), self.findings)


def check_target(export: Export, target: Target, part: Part, contracts: Mapping[str, Contract], scope: Scope) -> None:
    """Add what is wrong with the target."""
    tables = [name for name in contracts if name.startswith("silver.")]
    if target.table not in tables:
        remedy = nearest(target.table, tables)
        part.findings.error(part.where("table"), f"there is no silver table '{target.table}'", remedy)
        return
    contract = contracts[target.table]
    scope = _with_explode(target, part, scope)
    keys = _keys(target, part, scope)
    for key in ("key", "channel"):
        if target.account and (sql := getattr(target.account, key)):
            part.check(sql, scope, "account", key)
    _conditions(target, part, scope)
    _columns(target, contract, part, dataclasses.replace(scope, keys=keys))
    _required(export, target, contract, part.where(), part.findings)


def _with_explode(target: Target, part: Part, scope: Scope) -> Scope:
    explode = target.explode
    if explode is None:
        return scope
    if explode.column not in scope.columns:
        remedy = nearest(explode.column, scope.columns)
        part.findings.error(part.where("explode", "column"), f"there is no column '{explode.column}'", remedy)
    return Scope(scope.columns, {explode.as_: _fields(explode.schema_, part.where("explode"), part.findings)})


def _fields(schema: str, where: str, findings: Findings) -> list[str]:
    word = schema.strip()
    try:
        spark_type(word)
        if not word.upper().startswith("ARRAY<"):
            raise ValueError("an ARRAY<...> is needed")
    except ValueError as error:
        findings.error(where, f"the schema cannot be used: {error}", 'write "ARRAY<STRUCT<name: STRING, ...>>"')
        return []
    inner = word[6:-1].strip()
    parts = split_top(inner[7:-1]) if inner.upper().startswith("STRUCT<") else []
    return [part.strip().replace(":", " ", 1).split(None, 1)[0].strip("`") for part in parts]


def _keys(target: Target, part: Part, scope: Scope) -> tuple[str, ...] | None:
    for i, key in enumerate(target.group_by):
        if key not in scope.columns:
            part.check(key, scope, "group_by", i)
    return tuple(target.group_by) or None


def _conditions(target: Target, part: Part, scope: Scope) -> None:
    if target.where:
        part.check(target.where, scope, "where")
    for rule, sql in target.discard.items():
        part.check(sql, scope, "discard", rule)
    both = Scope([*scope.columns, *target.columns, "account_id", *HELPERS.get(target.table, ())], scope.structs)
    for flag, sql in target.flags.items():
        part.check(sql, both, "flags", flag)


def _columns(target: Target, contract: Contract, part: Part, scope: Scope) -> None:
    known = [c.name for c in contract.columns if c.name not in ENGINE] + list(HELPERS.get(contract.table, ()))
    enums = {c.name: c.enum for c in contract.columns if c.enum}
    for name, sql in target.columns.items():
        where = part.where("columns", name)
        if name not in known:
            part.findings.error(where, f"{contract.table} has no column '{name}'", nearest(name, known))
        part.check(sql, scope, "columns", name)
        value = _literal(sql)
        if value is not None and name in enums and value not in enums[name]:
            part.findings.error(where, f"'{value}' is none of {', '.join(enums[name])}", nearest(value, enums[name]))


def _literal(sql: str) -> str | None:
    try:
        tree = expressions.parse(sql)
    except ConfigError:
        return None  # already found
    return str(tree.this) if isinstance(tree, exp.Literal) and tree.is_string else None


def _required(export: Export, target: Target, contract: Contract, where: str, findings: Findings) -> None:
    """Without these every line would go to quarantine."""
    mapped, account = set(target.columns), target.account or export.account
    given = mapped | FILLED | FROM_ORDER.get(contract.table, set()) | ({"account_id"} if account else set())
    given |= {b for a, b in EITHER.items() if a in mapped} | {a for a, b in EITHER.items() if b in mapped}
    if contract.publish_mode == "append":
        given.add(contract.key[0])  # numbered by file and line
    needed = [c.name for c in contract.columns if c.required and c.name not in given and c.name not in ENGINE]
    for name in needed:
        if name == "account_id":
            findings.error(where, f"{contract.table} is about accounts, and none is named", "add `account: {key: ...}`")
        elif name not in EITHER:
            findings.error(where, f"{contract.table} needs '{name}'", f"add `{name}:` to the target's columns")
    if contract.table == "silver.orders" and not account and "account_id" not in mapped:
        findings.warning(where, "no account is named: every order will be a guest's", "add `account: {key: ...}`")
