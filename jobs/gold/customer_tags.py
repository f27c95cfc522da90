"""Gold: tags on customers, each by a versioned rule in conf/customer_tags.yaml and with its evidence.

Reads   gold.customer_profile
Writes  gold.customer_tags, one row per customer and tag
"""

from dataclasses import dataclass
from datetime import date

from jobs.gold.membership import members, with_since
from jobs.lake import Lake

READS = ("gold.customer_profile",)
WRITES = "gold.customer_tags"
AGES = True
CONF = "customer_tags"


@dataclass(frozen=True)
class Tag:
    """One tag: its rule's version, the SQL condition, and a SQL text expression that says what it saw."""

    version: str
    description: str
    when: str
    evidence: str


@dataclass(frozen=True)
class Settings:
    """conf/customer_tags.yaml."""

    tags: dict[str, Tag]


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Tag customers; `since` starts anew with a new version of the rule."""
    now = members(
        lake.read("gold.customer_profile"),
        "tag",
        {name: tag.when for name, tag in settings.tags.items()},
        rule_version={name: literal(tag.version) for name, tag in settings.tags.items()},
        evidence={name: tag.evidence for name, tag in settings.tags.items()},
    )
    keys = ["customer_id", "tag", "rule_version"]
    published = lake.publish(WRITES, with_since(now, lake.read(WRITES), keys, run_date), run_date)
    if not published.row_count:
        lake.note(WRITES, "no customer meets a condition of conf/customer_tags.yaml")


def literal(text: str) -> str:
    """A SQL text literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
