"""What the YAML subjects name must be defined: segments, tags, channels, purposes, levels, fields.

A name that nothing defines is an error. A default of the product that fits none of your exports is a warning: the
product cannot know your channels and purposes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from sqlglot import exp

from lakehouse.config.documents import Document
from lakehouse.config.exports import Export
from lakehouse.config.findings import Finding, nearest
from lakehouse.config.layers import Conf
from lakehouse.config.references import EXPORTS, Defines, Named, Reference, names_in, refers
from lakehouse.errors import ConfigError
from lakehouse.runs.settings_models import model_of
from lakehouse.sql import expressions

CHANNEL = "channel"  # the column of a target


@dataclass(frozen=True)
class Known:
    """Names that are defined; `is_whole`: there can be no others (an expression may give any)."""

    names: frozenset[str]
    is_whole: bool = True

    def has(self, reference: Reference, name: str) -> bool:
        """Whether the name, or where that is enough its beginning, is defined."""
        if name in self.names or reference.instead in self.names:
            return True
        return reference.begins and any(known.startswith(name) for known in self.names)


def undefined(conf: Conf, subject: str, guesses: bool = True) -> Iterator[Finding]:
    """The names of a subject that nothing defines, with the nearest that is defined.

    Args:
        guesses: also those that an expression of an export may yet give.
    """
    if not refers(model_of(subject)):
        return
    document = conf.document(subject)
    references = [n for n in names_in(model_of(subject), document.value) if isinstance(n.mark, Reference)]
    for named in references:
        assert isinstance(named.mark, Reference)
        known = known_names(conf, named.mark)
        if known is None or known.has(named.mark, named.name) or not (guesses or known.is_whole):
            continue
        is_default = named.mark.is_of_exports and document.is_default(named.path)
        beside = [other for other in references if other.path[:-1] == named.path[:-1]]
        if is_default and (not known.names or any(_is_known(conf, other) for other in beside)):
            continue  # one of several defaults fits, or none could
        yield _finding(document, named, known, is_warning=is_default or not known.is_whole)


def refuse_undefined(conf: Conf, subject: str) -> None:
    """Stop where a layer names what nothing defines.

    Raises:
        ConfigError: with file, line and the nearest name.
    """
    for finding in undefined(conf, subject):
        if not finding.is_warning:
            raise ConfigError(finding.what, finding.where, finding.remedy)


def notes(conf: Conf, subject: str) -> list[str]:
    """Sentences for the night's report: defaults that fit nothing of this company."""
    found = [finding for finding in undefined(conf, subject, guesses=False) if finding.is_warning]
    return [f"{finding.where}: {finding.what}; {finding.remedy}" for finding in found]


def _finding(document: Document, named: Named, known: Known, is_warning: bool) -> Finding:
    assert isinstance(named.mark, Reference)
    kind = named.mark.kind
    what = f"there is no {kind} '{named.name}'"
    if not known.is_whole:
        what += f", unless an expression of an export gives it ({kind}s that are written out: {_some(known)})"
    remedy = nearest(named.name, sorted(known.names)) or f"nothing in {named.mark.defined_in} gives one"
    return Finding(document.where(named.path), what, remedy, is_warning)


def _some(known: Known) -> str:
    return ", ".join(sorted(known.names)[:5]) or "none"


def _is_known(conf: Conf, named: Named) -> bool:
    assert isinstance(named.mark, Reference)
    known = known_names(conf, named.mark)
    return known is None or known.has(named.mark, named.name)


def known_names(conf: Conf, reference: Reference) -> Known | None:
    """What is defined of a kind; None where nothing can tell (there is no export)."""
    where = reference.defined_in
    if not reference.is_of_exports:
        marked = names_in(model_of(where), conf.document(where).value)
        return Known(frozenset(named.name for named in marked if named.mark == Defines(reference.kind)))
    exports = list(conf.exports().values())
    if not exports:
        return None
    return _channels(exports) if where == EXPORTS else _values(exports, where)


def _channels(exports: list[Export]) -> Known:
    """Exports' own channels, and those that expressions give accounts and rows."""
    accounts = [a for e in exports for a in (e.account, *(t.account for t in e.targets)) if a is not None]
    expressions_of = [account.channel for account in accounts if account.channel]
    expressions_of += [
        sql for e in exports for t in e.targets for column, sql in t.columns.items() if column == CHANNEL
    ]
    given = [texts_of(sql) for sql in expressions_of]
    names = {export.channel for export in exports}.union(*(known.names for known in given))
    return Known(frozenset(names), all(known.is_whole for known in given))


def _values(exports: list[Export], where: str) -> Known:
    """The values that targets give a column, where they are written out."""
    table, _, column = where.rpartition(".")
    given = [
        texts_of(target.columns[column])
        for export in exports
        for target in export.targets
        if target.table == table and column in target.columns
    ]
    return Known(frozenset().union(*(known.names for known in given)), all(known.is_whole for known in given))


@cache
def texts_of(sql: str) -> Known:
    """The texts that an expression can give; not whole where it can give others."""
    try:
        return _texts(expressions.parse(sql))
    except ConfigError:
        return Known(frozenset(), is_whole=False)  # the check of exports says what is wrong


def _texts(tree: exp.Expr | None) -> Known:
    if tree is None or isinstance(tree, exp.Null):
        return Known(frozenset())
    if isinstance(tree, exp.Literal):
        return Known(frozenset({str(tree.this)}))
    if isinstance(tree, exp.Paren):
        return _texts(tree.this)
    parts: list[exp.Expr | None] = []
    if isinstance(tree, exp.Case):
        parts = [*(branch.args["true"] for branch in tree.args["ifs"]), tree.args.get("default")]
    elif isinstance(tree, exp.If):
        parts = [tree.args.get("true"), tree.args.get("false")]
    elif isinstance(tree, exp.Coalesce):
        parts = [tree.this, *tree.expressions]
    given = [_texts(part) for part in parts]
    names: frozenset[str] = frozenset().union(*(known.names for known in given))
    return Known(names, bool(parts) and all(known.is_whole for known in given))
