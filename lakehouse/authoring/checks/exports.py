"""Checks of each export's YAML: its form, its files, and every expression of its targets."""

import codecs
import itertools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lakehouse.authoring.checks import globs
from lakehouse.authoring.checks.target_checks import check_target
from lakehouse.config.documents import Document, read_document
from lakehouse.config.exports import Account, Export
from lakehouse.config.findings import Findings, nearest
from lakehouse.config.layers import Conf
from lakehouse.config.settings import build
from lakehouse.contracts.contract import TECHNICAL, Contract
from lakehouse.sql.checks import Scope, check_expression

NAME = re.compile(r"[a-z][a-z0-9_]*")
LINE_COLUMNS = tuple(column.name for column in TECHNICAL)


def check(conf: Conf, contracts: Mapping[str, Contract], findings: Findings) -> dict[str, Export]:
    """Check all exports; returns those whose form is right."""
    found: dict[str, Export] = {}
    documents: dict[str, Document] = {}
    for path in files(conf).values():
        with findings.caught(str(path)):
            document = read_document(path)
            export = build(Export, document)
            found[path.stem], documents[path.stem] = export, document
            _check_one(export, document, path, contracts, findings)
    _overlaps(found, documents, findings)
    return found


def files(conf: Conf) -> dict[str, Path]:
    """Export name -> its file; a higher layer's replaces a lower one's."""
    return {path.stem: path for layer in conf.layers for path in sorted((layer / "exports").glob("*.yaml"))}


def _check_one(
    export: Export, document: Document, path: Path, contracts: Mapping[str, Contract], findings: Findings
) -> None:
    if export.export != path.stem:
        what = f"export '{export.export}' stands in a file of another name"
        findings.error(document.where(("export",)), what, f"name the file {export.export}.yaml")
    _names(export, document, findings)
    _format(export, document, findings)
    _columns(export, document, findings)
    if export.account:
        check_account(export.account, scope_of(export), ("account",), document, findings)
    for number, target in enumerate(export.targets):
        check_target(export, target, document, ("targets", number), contracts, scope_of(export), findings)


def scope_of(export: Export) -> Scope:
    """What an expression of the export may use."""
    return Scope([*export.columns, *LINE_COLUMNS])


def _names(export: Export, document: Document, findings: Findings) -> None:
    for key in ("export", "channel"):
        value = getattr(export, key)
        if not NAME.fullmatch(value):
            remedy = f"write {re.sub(r'[^a-z0-9]+', '_', value.lower()).strip('_') or 'a_name'}"
            findings.error(document.where((key,)), f"'{value}' is no plain name", remedy)


def _format(export: Export, document: Document, findings: Findings) -> None:
    if len(export.delimiter) != 1:
        findings.error(document.where(("delimiter",)), "the delimiter must be one character", 'a tab is "\\t"')
    if len(export.quote) > 1:
        findings.error(document.where(("quote",)), "the quote must be one character, or empty for none")
    try:
        _ = export.encoding == "auto" or codecs.lookup(export.encoding)
    except LookupError:
        known = ("auto", "utf-8", "utf-16", "gb18030", "gbk", "big5", "latin-1", "cp1252")
        what = f"'{export.encoding}' is no encoding"
        findings.error(document.where(("encoding",)), what, nearest(export.encoding, known))
    if export.done_marker and not re.search(r"\{(file|stem)\}", export.done_marker):
        findings.error(document.where(("done_marker",)), "the marker does not name its file", 'write "{file}.done"')
    if not export.files:
        findings.error(document.where(("files",)), "no file belongs to this export", 'write a pattern: "name_*.csv"')


def _columns(export: Export, document: Document, findings: Findings) -> None:
    seen: dict[str, str] = {}
    for name, column in export.columns.items():
        where = document.where(("columns", name))
        if name.casefold() in seen:
            findings.error(where, f"'{name}' and '{seen[name.casefold()]}' differ by case alone", "rename one of them")
        if name in LINE_COLUMNS:
            findings.error(where, f"'{name}' is the product's own", "files with it get a leading underscore")
        if column.personal and not column.purpose:
            findings.warning(where, f"'{name}' is personal and says no purpose", "add purpose: identity, or marketing")
        seen[name.casefold()] = name


def check_account(account: Account, scope: Scope, at: tuple[Any, ...], document: Document, findings: Findings) -> None:
    """The account's key and channel expressions."""
    for key in ("key", "channel"):
        sql = getattr(account, key)
        if sql:
            check_expression(sql, scope, document.where((*at, key)), findings)


def _overlaps(exports: dict[str, Export], documents: dict[str, Document], findings: Findings) -> None:
    for (one, left), (two, right) in itertools.combinations(exports.items(), 2):
        for a, b in itertools.product(left.files, right.files):
            if example := globs.common_name(a, b):
                findings.error(
                    documents[two].where(("files",)),
                    f"a file such as '{example}' belongs to {one} and {two}: it would be refused",
                    "make the patterns of `files` exclude each other",
                )
