"""What conf/tags.yaml and conf/segments.yaml say: the forms, and each rule as a night gives it to its queries."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from jobs.gold.settings.segments import Segment
from jobs.gold.settings.tags import FirstPurchase, Tag


@dataclass(frozen=True)
class Rule:
    """A tag or segment as the queries take it.

    key: tells definitions apart; a membership does not outlive its own.
    valid_days: 0 for no limit.
    closes: why nobody has it tonight (expired, refused), "" for a rule in force.
    """

    name: str
    when: str = ""
    first_purchase_of: FirstPurchase | None = None
    evidence: str = ""
    version: str = ""
    key: str = ""
    valid_days: int = 0
    begins_anew_with_evidence: bool = False
    closes: str = ""


NAMED = pa.schema(
    {
        "name": pa.string(),
        "rule_version": pa.string(),
        "rule_hash": pa.string(),
        "valid_days": pa.int32(),
        "begins_anew": pa.bool_(),
        "closes": pa.string(),
    }
)


def segment_rules(segments: dict[str, Segment]) -> list[Rule]:
    """A segment's condition may change: who still meets it stays in."""
    return [Rule(name, segment.when) for name, segment in segments.items()]


def tag_rules(tags: dict[str, Tag], run_date: date, refused: Iterable[str] = ()) -> list[Rule]:
    """The tags as of a night; one that expired, or is refused, holds for nobody."""
    return [_rule(name, tag, run_date, name in set(refused)) for name, tag in tags.items()]


def _rule(name: str, tag: Tag, run_date: date, is_refused: bool) -> Rule:
    is_over = tag.expires_on is not None and tag.expires_on <= run_date
    closes = "expired" if is_over else "refused" if is_refused else ""
    return Rule(
        name,
        tag.when,
        tag.first_purchase_of,
        tag.evidence,
        tag.version,
        definition_hash(tag),
        tag.valid_days or 0,
        tag.begins_anew_with_evidence,
        closes,
    )


def definition(tag: Tag) -> str:
    """What the tag's rule is, in words that stand in conf/tags.yaml."""
    if tag.first_purchase_of is None:
        return tag.when
    event = {k: v for k, v in vars(tag.first_purchase_of).items() if v != ()}
    return "first_purchase_of: " + json.dumps(event, default=str, sort_keys=True)


def definition_hash(tag: Tag) -> str:
    """A short hash of version and definition."""
    text = json.dumps([tag.version, plain(definition(tag))])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def plain(text: str) -> str:
    """A definition for comparing: line breaks and doubled blanks are no change."""
    return " ".join(text.split())


def named(rules: Iterable[Rule]) -> pa.Table:
    """The rules' names, keys and limits, for the queries: columns of NAMED."""
    rows = [
        {
            "name": r.name,
            "rule_version": r.version,
            "rule_hash": r.key,
            "valid_days": r.valid_days,
            "begins_anew": r.begins_anew_with_evidence,
            "closes": r.closes,
        }
        for r in rules
    ]
    return pa.Table.from_pylist(rows, NAMED)
