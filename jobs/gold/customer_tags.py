"""Gold: tags on customers, each by a versioned rule in conf/tags.yaml, from when to when, and with its evidence.

Reads   gold.customer_profile and the other tables that a condition may name, identity.customer_map,
        identity.customer_id_ledger, silver.order_lines, silver.products
Writes  gold.customer_tags, one row per customer, tag and period; a tag that stands has no `valid_to`
        gold.tag_rules, one row per definition of a tag: who answers for it, what it is for, how often it is right
"""

from collections.abc import Iterator
from datetime import date

from jobs.gold.membership import governance, keeping
from jobs.gold.membership.definitions import tag_rules
from jobs.gold.membership.faults import first_fault
from jobs.gold.membership.labels import LABELS
from jobs.gold.membership.members import example_rules, launch_query, members, members_query
from jobs.gold.settings.tags import Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query

READS = (
    "gold.customer_profile",
    "gold.customer_rfm",
    "gold.customer_value",
    "gold.life_cycle",
    "gold.behaviour_clusters",
    "identity.customer_map",
    "identity.customer_id_ledger",
    "silver.order_lines",
    "silver.products",
)
READS_PREVIOUS = ("gold.customer_tags", "gold.tag_rules")
WRITES = ("gold.customer_tags", "gold.tag_rules")
DEPENDS_ON_RUN_DATE = True
CONF = "tags"
FAULTS = "jobs.gold.membership.faults"

HISTORY = keeping.History(
    "gold.customer_tags",
    "tag",
    (
        "valid_from",
        "valid_to",
        "end_reason",
        "rule_version",
        "rule_hash",
        "evidence",
        "unbroken_since",
        "rule_held_until",
        "current_customer_id",
    ),
)
LABELLED = ("precision", "precision_low", "precision_high", "labelled_count", "labelled_with_tag_count")
LINEAGE = {
    WRITES[0]: dict.fromkeys(("tag", "valid_from", "rule_version", "rule_hash", "unbroken_since"), ()),
    WRITES[1]: {
        "customer_count": ("gold.customer_tags.customer_id", "gold.customer_tags.valid_to"),
        **dict.fromkeys(LABELLED, ("gold.customer_profile.customer_id", "identity.customer_map.account_id")),
        "*": (),
    },
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Tag customers; tags that expired, or whose labels say that they are wrong too often, are taken back."""
    now = members(lake, tag_rules(settings.tags, run_date), run_date)
    precision_of = governance.precisions(lake, settings.tags, now, run_date)
    rules = tag_rules(settings.tags, run_date, governance.refused(settings.tags, precision_of))
    state = keeping.state(lake, HISTORY, rules, now, run_date)
    keeping.publish(lake, HISTORY, state, run_date)
    register = governance.register(lake, settings.tags, rules, precision_of, state, run_date)
    lake.publish("gold.tag_rules", register, run_date)
    if empty := sorted({rule.name for rule in rules} - keeping.names(lake, state)):
        lake.note("gold.customer_tags", f"nobody has {', '.join(empty)}: the rule holds for no customer tonight")
    for name in governance.unversioned(register, run_date):
        lake.note("gold.customer_tags", f"{name}: its definition changed, its version did not: raise it")
    for text in governance.notes(lake, settings.tags, rules, precision_of):
        lake.note("gold.customer_tags", text)


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job, with rules of every kind."""
    now = members_query([*tag_rules(settings.tags, run_date), *example_rules()], run_date)
    after, *others = keeping.history_queries(HISTORY, now, run_date)
    yield keeping.names_query(after)
    yield from (now, after, *others, governance.standing_query(after), governance.register_query())
    yield from (launch_query(rule.first_purchase_of, run_date) for rule in example_rules() if rule.first_purchase_of)
    yield governance.precision_query(LABELS.empty_table(), now, run_date)


def check(conf: Conf) -> None:
    """Stop before Spark starts where a tag cannot be used."""
    first_fault(conf, CONF)
