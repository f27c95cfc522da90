"""Checks of each export's YAML: its form, its files, and every expression of its targets."""

import contextlib
import itertools
from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any

from lakehouse.authoring.checks import globs
from lakehouse.authoring.checks.target_checks import LINE_COLUMNS, check_target, scope_of
from lakehouse.config.documents import Document, read_document
from lakehouse.config.exports import Account, Export
from lakehouse.config.findings import Findings
from lakehouse.config.layers import Conf
from lakehouse.config.settings import build
from lakehouse.contracts.contract import Contract
from lakehouse.errors import ConfigError
from lakehouse.modelling.named import model_of, models_of
from lakehouse.sql import zones
from lakehouse.sql.checks import Scope, check_expression


def check(conf: Conf, contracts: Mapping[str, Contract], findings: Findings) -> dict[str, Export]:
    """Check all exports; returns those whose form is right."""
    exports: dict[str, Export] = {}
    documents: dict[str, Document] = {}
    learnt = _of_models(conf)
    for path in files(conf).values():
        with findings.caught(str(path)):
            document = read_document(path)
            export = build(Export, document)
            exports[path.stem], documents[path.stem] = export, document
            _check_one(export, document, path, contracts, findings, learnt)
    _overlaps(exports, documents, findings)
    return exports


def files(conf: Conf) -> dict[str, Path]:
    """Export name -> its file; a higher layer's replaces a lower one's."""
    return {path.stem: path for layer in conf.layers for path in sorted((layer / "exports").glob("*.yaml"))}


def _of_models(conf: Conf) -> set[str]:
    """Tables that models learn from; a model that is not right is another check's business."""
    found = set()
    for name in models_of(conf):
        with contextlib.suppress(ConfigError):
            found.add(model_of(conf, name).examples.table)
    return found


def _check_one(
    export: Export,
    document: Document,
    path: Path,
    contracts: Mapping[str, Contract],
    findings: Findings,
    learnt: Set[str],
) -> None:
    if export.export != path.stem:
        what = f"export '{export.export}' stands in a file of another name"
        findings.error(document.where(("export",)), what, f"name the file {export.export}.yaml")
    _columns(export, document, findings)
    if export.account:
        check_account(export.account, scope_of(export), ("account",), document, findings)
    if not export.targets and f"bronze.{export.export}" not in learnt:
        what = f"{export.export} fills no table: nothing of its files would be used"
        findings.warning(document.where(("targets",)), what, "add a target, or propose one: lakehouse new-export FILE")
    for key, sql in (("zone", "" if zones.is_name(export.zone) else export.zone), ("version", export.version)):
        if sql and sql not in export.columns:
            check_expression(sql, scope_of(export), document.where((key,)), findings)
    for number, target in enumerate(export.targets):
        check_target(export, target, document, ("targets", number), contracts, findings)


def _columns(export: Export, document: Document, findings: Findings) -> None:
    for name, column in export.columns.items():
        where = document.where(("columns", name))
        if name in LINE_COLUMNS:
            findings.error(where, f"'{name}' is the product's own", "files with it get a leading underscore")
        if column.personal and not column.purpose:
            findings.warning(where, f"'{name}' is personal and says no purpose", "add purpose: identity, or marketing")


def check_account(account: Account, scope: Scope, at: tuple[Any, ...], document: Document, findings: Findings) -> None:
    """The account's key and channel expressions."""
    for key in ("key", "channel"):
        sql = getattr(account, key)
        if sql:
            check_expression(sql, scope, document.where((*at, key)), findings)


def _overlaps(exports: dict[str, Export], documents: dict[str, Document], findings: Findings) -> None:
    for (one, left), (two, right) in itertools.combinations(exports.items(), 2):
        if {left.format, right.format} <= {"spreadsheet", "html"} and left.sheet != right.sheet:
            continue  # sheets of one workbook
        for a, b in itertools.product(left.files, right.files):
            if example := globs.common_name(a, b):
                findings.error(
                    documents[two].where(("files",)),
                    f"a file such as '{example}' belongs to {one} and {two}: it would be refused",
                    "make the patterns of `files` exclude each other",
                )
