"""Checks of one target of an export: the table, its columns, and every expression."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from lakehouse.config.documents import Document
from lakehouse.config.exports import Export, Target
from lakehouse.config.findings import Findings, nearest
from lakehouse.contracts.contract import TECHNICAL, Contract, spark_type, split_top
from lakehouse.errors import ConfigError
from lakehouse.sql import expressions
from lakehouse.sql.checks import Scope, check_expression

At = tuple[Any, ...]
LINE_COLUMNS = tuple(column.name for column in TECHNICAL)
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


def scope_of(export: Export) -> Scope:
    """What an expression of the export may use."""
    return Scope([*export.columns, *LINE_COLUMNS])


def check_target(
    export: Export,
    target: Target,
    document: Document,
    at: At,
    contracts: Mapping[str, Contract],
    findings: Findings,
) -> None:
    """Add what is wrong with the target."""
    tables = [name for name in contracts if name.startswith("silver.")]
    if target.table not in tables:
        where = document.where((*at, "table"))
        findings.error(where, f"there is no silver table '{target.table}'", nearest(target.table, tables))
        return
    contract = contracts[target.table]
    scope = _with_explode(target, document, at, scope_of(export), findings)
    keys = _keys(target, document, at, scope, findings)
    for key in ("key", "channel"):
        if target.account and (sql := getattr(target.account, key)):
            check_expression(sql, scope, document.where((*at, "account", key)), findings)
    _conditions(target, document, at, scope, keys, findings)
    _columns(target, contract, document, at, dataclasses.replace(scope, keys=keys), findings)
    _required(export, target, contract, document.where(at), findings)


def _with_explode(target: Target, document: Document, at: At, scope: Scope, findings: Findings) -> Scope:
    explode = target.explode
    if explode is None:
        return scope
    if explode.column not in scope.columns:
        where = document.where((*at, "explode", "column"))
        findings.error(where, f"there is no column '{explode.column}'", nearest(explode.column, scope.columns))
    return Scope(scope.columns, {explode.as_: _fields(explode.schema_, document.where((*at, "explode")), findings)})


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


def _keys(target: Target, document: Document, at: At, scope: Scope, findings: Findings) -> tuple[str, ...] | None:
    for i, key in enumerate(target.group_by):
        if key not in scope.columns:
            check_expression(key, scope, document.where((*at, "group_by", i)), findings)
    return tuple(target.group_by) or None


def _conditions(
    target: Target, document: Document, at: At, scope: Scope, keys: tuple[str, ...] | None, findings: Findings
) -> None:
    if target.where:
        check_expression(target.where, scope, document.where((*at, "where")), findings)
    if target.deleted:
        check_expression(target.deleted, scope, document.where((*at, "deleted")), findings)
    for rule, sql in target.discard.items():
        check_expression(sql, scope, document.where((*at, "discard", rule)), findings)
    both = Scope([*scope.columns, *target.columns, "account_id", *HELPERS.get(target.table, ())], scope.structs)
    for flag, sql in target.flags.items():
        check_expression(sql, both, document.where((*at, "flags", flag)), findings)


def _columns(target: Target, contract: Contract, document: Document, at: At, scope: Scope, findings: Findings) -> None:
    known = [c.name for c in contract.columns if c.name not in ENGINE] + list(HELPERS.get(contract.table, ()))
    enums = {c.name: c.enum for c in contract.columns if c.enum}
    for name, sql in target.columns.items():
        where = document.where((*at, "columns", name))
        if name not in known:
            findings.error(where, f"{contract.table} has no column '{name}'", nearest(name, known))
        check_expression(sql, scope, where, findings)
        value = _literal(sql)
        if value is not None and name in enums and value not in enums[name]:
            findings.error(where, f"'{value}' is none of {', '.join(enums[name])}", nearest(value, enums[name]))


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
