"""What is wrong with conf/segments.yaml and conf/tags.yaml, told with the line, before Spark starts."""

import functools
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from jobs.gold.histories import validity
from jobs.gold.membership import conditions, labels, named_values
from jobs.gold.membership.conditions import Vocabulary
from jobs.gold.membership.definitions import definition, plain
from jobs.gold.settings.segments import Settings as Segments
from jobs.gold.settings.tags import Settings as Tags
from jobs.gold.settings.tags import Tag
from lakehouse.config.documents import Document
from lakehouse.config.layers import Conf
from lakehouse.config.settings import build
from lakehouse.errors import ConfigError, ConfigFileError
from lakehouse.lake.reader import rows
from lakehouse.sql.expressions import columns_of

T = TypeVar("T")
Fault = tuple[tuple[Any, ...], str, str]  # path of keys, what, remedy


@functools.cache
def first_fault(conf: Conf, subject: str) -> None:
    """Stop at the first one; what was found good is not looked at again.

    Raises:
        ConfigError: with file, line and remedy.
    """
    for fault in faults(conf, subject):
        raise fault


def faults(conf: Conf, subject: str, names: Sequence[str] = ()) -> Iterator[ConfigError]:
    """All of them; where the model refuses the file, what it refuses alone.

    Args:
        names: only those of these tags or segments; () for all.
    """
    try:
        yield from list(_faults(conf, subject, names))
    except ConfigFileError as several:
        yield from several.errors


def _faults(conf: Conf, subject: str, names: Sequence[str]) -> Iterator[ConfigError]:
    document, declared = conf.document(subject), conditions.contracts_of(conf)
    known = conditions.vocabulary(declared)
    personal = {name for contract in declared.values() for name in contract.personal}
    findings = (
        _of_segments(document, known, names)
        if subject == "segments"
        else _of_tags(conf, document, known, names, personal)
    )
    for path, what, remedy in (*findings, *_of_names(conf, document, subject, names)):
        yield ConfigError(f"{path[1]}: {what}", document.where(path), remedy)


def _of_names(conf: Conf, document: Document, subject: str, names: Sequence[str]) -> Iterator[Fault]:
    """Names in the conditions of layers; a default of the product may name what a layer renamed."""
    known = named_values.names_of(conf)
    for name, rule in _chosen(document.value[subject], names).items():
        at = (subject, name, "when")
        if not document.is_default(at):
            unknown = named_values.unknown_names(str(rule.get("when") or ""), known)
            yield from ((at, what, remedy) for what, remedy in unknown)


def all_faults(conf: Conf, subject: str) -> Iterator[ConfigError]:
    """The same, and definitions that changed under the version that the lake knows them by."""
    yield from faults(conf, subject)
    if subject == "tags":
        yield from _unversioned(conf)


def _unversioned(conf: Conf) -> Iterator[ConfigError]:
    document = conf.document("tags")
    known = {(row["tag"], row["rule_version"]): row["definition"] for row in _registered(conf)}
    for name, tag in build(Tags, document).tags.items():
        was = known.get((name, tag.version))
        if was is not None and plain(was) != plain(definition(tag)):
            what = f"{name}: the definition is not that of version {tag.version}, by which customers have the tag"
            yield ConfigError(what, document.where(("tags", name)), "raise its version, or take back the change")


def _registered(conf: Conf) -> list[dict[str, Any]]:
    """Definitions in force in the lake; none where no night has been."""
    try:
        registered = rows(conf, "SELECT * FROM gold.tag_rules")
    except ConfigError:
        return []
    return [row for row in map(validity.in_present_names, registered) if row["valid_to"] is None]


def _of_segments(document: Document, known: Vocabulary, names: Sequence[str]) -> Iterator[Fault]:
    for name, segment in _chosen(build(Segments, document).segments, names).items():
        at = ("segments", name)
        yield from (((*at, "when"), what, remedy) for what, remedy in conditions.faults(segment.when, known))


def _chosen(rules: dict[str, T], names: Sequence[str]) -> dict[str, T]:
    return {name: rule for name, rule in rules.items() if not names or name in names}


def _of_tags(
    conf: Conf, document: Document, known: Vocabulary, names: Sequence[str], personal: set[str]
) -> Iterator[Fault]:
    for name, tag in _chosen(build(Tags, document).tags, names).items():
        at = ("tags", name)
        yield from _of_definition(tag, at, known, personal)
        if tag.labels:
            try:
                labels.read_labels(name, labels.label_file(conf, tag.labels, ""), "")
            except ConfigError as error:
                yield (*at, "labels"), f"{error.where}: {error.what}".removeprefix(": "), error.remedy


def _of_definition(tag: Tag, at: tuple[str, ...], known: Vocabulary, personal: set[str]) -> Iterator[Fault]:
    if tag.first_purchase_of is not None:
        return
    yield from (((*at, "when"), what, remedy) for what, remedy in conditions.faults(tag.when, known))
    if tag.evidence:
        wrong = conditions.faults(tag.evidence, known, is_condition=False)
        copied = set() if wrong else {name.lower() for name in columns_of(tag.evidence)} & personal
        wrong += [(f"the personal column '{name}' would be copied", "leave it out") for name in sorted(copied)]
        yield from (((*at, "evidence"), what, remedy) for what, remedy in wrong)
