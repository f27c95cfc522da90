"""What is wrong with conf/segments.yaml and conf/tags.yaml, told with the line, before Spark starts."""

import functools
import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from jobs.gold.histories import validity
from jobs.gold.membership import conditions, labels
from jobs.gold.membership.conditions import Vocabulary
from jobs.gold.membership.definitions import FirstPurchase, Segments, Tag, Tags, definition, plain
from lakehouse.config.documents import Document
from lakehouse.config.findings import nearest
from lakehouse.config.layers import Conf
from lakehouse.config.settings import build
from lakehouse.errors import ConfigError
from lakehouse.lake.reader import rows
from lakehouse.sql.expressions import columns_of

NAME = re.compile(r"[a-z][a-z0-9_]*")
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
    """All of them; a form that does not fit is raised at once.

    Args:
        names: only those of these tags or segments; () for all.
    """
    document, declared = conf.document(subject), conditions.contracts_of(conf)
    known = conditions.vocabulary(declared)
    personal = {name for contract in declared.values() for name in contract.personal}
    found = (
        _of_segments(document, known, names)
        if subject == "segments"
        else _of_tags(conf, document, known, names, personal)
    )
    for path, what, remedy in found:
        yield ConfigError(f"{path[1]}: {what}", document.where(path), remedy)


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
        yield from _of_name(name, at)
        yield from (((*at, "when"), what, remedy) for what, remedy in conditions.faults(segment.when, known))


def _chosen(rules: dict[str, T], names: Sequence[str]) -> dict[str, T]:
    return {name: rule for name, rule in rules.items() if not names or name in names}


def _of_tags(
    conf: Conf, document: Document, known: Vocabulary, names: Sequence[str], personal: set[str]
) -> Iterator[Fault]:
    conf_tags = build(Tags, document)
    for name, tag in _chosen(conf_tags.tags, names).items():
        at = ("tags", name)
        yield from _of_name(name, at)
        yield from _of_definition(tag, at, known, personal)
        yield from _of_governance(tag, at, conf_tags.purposes)
        if tag.labels:
            try:
                labels.read_labels(name, labels.label_file(conf, tag.labels, ""), "")
            except ConfigError as error:
                yield (*at, "labels"), f"{error.where}: {error.what}".removeprefix(": "), error.remedy


def _of_name(name: str, at: tuple[str, ...]) -> Iterator[Fault]:
    if not NAME.fullmatch(str(name)):
        yield at, "a name is of small letters, digits and underscores", "write it as several_channels"


def _of_definition(tag: Tag, at: tuple[str, ...], known: Vocabulary, personal: set[str]) -> Iterator[Fault]:
    event = tag.first_purchase_of
    if bool(tag.when.strip()) == (event is not None):
        yield at, "a tag has either a condition or an event", "write one of when and first_purchase_of"
    elif event is None:
        yield from (((*at, "when"), what, remedy) for what, remedy in conditions.faults(tag.when, known))
    else:
        yield from (((*at, "first_purchase_of"), what, remedy) for what, remedy in _of_event(event))
        if tag.evidence:
            yield (*at, "evidence"), "first_purchase_of gives its own evidence", "drop the key"
    if tag.evidence and event is None:
        wrong = conditions.faults(tag.evidence, known, is_condition=False)
        copied = set() if wrong else {name.lower() for name in columns_of(tag.evidence)} & personal
        wrong += [(f"the personal column '{name}' would be copied", "leave it out") for name in sorted(copied)]
        yield from (((*at, "evidence"), what, remedy) for what, remedy in wrong)


def _of_event(event: FirstPurchase) -> Iterator[tuple[str, str]]:
    if not any(name.strip() for name in (*event.product, *event.category)):
        yield "it names no product and no category", "write product: or category:"
    if event.within_days < 1:
        yield f"within_days is {event.within_days}", "write 1 or more; the launch day is the first"


def _of_governance(tag: Tag, at: tuple[str, ...], purposes: dict[str, str]) -> Iterator[Fault]:
    if tag.purpose not in purposes:
        remedy = nearest(tag.purpose, purposes) or "declare it under purposes"
        yield (*at, "purpose"), f"the purpose '{tag.purpose}' is not declared under purposes", remedy
    for key in ("owner", "version"):
        if not getattr(tag, key).strip():
            yield (*at, key), f"the {key} is empty", "a tag without one cannot be governed"
    if tag.valid_days is not None and tag.valid_days < 1:
        yield (*at, "valid_days"), f"valid_days is {tag.valid_days}", "write 1 or more, or drop the key"
    if tag.min_precision is not None and not 0 < tag.min_precision <= 1:
        yield (*at, "min_precision"), f"min_precision is {tag.min_precision}", "write a share above 0, up to 1"
    if tag.min_precision is not None and not tag.labels:
        yield (*at, "min_precision"), "min_precision without labels", "name a file under labels:"
