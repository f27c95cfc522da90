"""Gold: what falls due for each customer: what follows from what they bought, and what they buy again in their rhythm.

Reads   gold.follow_on_rules, gold.follow_on_lags, silver.order_lines, silver.products, identity.customer_map
Writes  gold.due_now, one row per customer and item
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from jobs.gold.follow_on.falling_due import CHANCE_TYPES, RULE_TYPES, first_days_sql, follow_on_sql, rule_tables
from jobs.gold.follow_on.first_purchases import item_tables
from jobs.gold.follow_on.repurchase import repurchase_sql, repurchase_steps
from jobs.gold.product_levels.levels import known_level
from jobs.gold.settings.due_now import Settings
from jobs.gold.settings.follow_on_rules import Settings as FollowOnSettings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Made, Query, Table

READS = (
    "gold.follow_on_rules",
    "gold.follow_on_lags",
    "silver.order_lines",
    "silver.products",
    "identity.customer_map",
)
WRITES = "gold.due_now"
DEPENDS_ON_RUN_DATE = True
CONF = ("due_now", "follow_on_rules")
LINEAGE = {WRITES: {"item_level": (), "kind": ()}}  # what an item is, and which of both queries found it


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Lay the rules and everyone's own rhythms on the purchases so far."""
    rules, lags = (lake.fetch(whole_query(table)).to_pylist() for table in READS[:2])
    kept = usable(rules, settings.rules_that_fail_later)
    items = lake.conf.settings("follow_on_rules", FollowOnSettings)
    level = rules[0]["level"] if rules else known_level(lake, items.level)
    tables = {**item_tables(level, items.excluded_items), **rule_tables(kept, lags)}
    query = due_query(level, tables, run_date, settings)
    most = lake.row_count("identity.customer_map") * settings.max_per_customer_and_kind * 2
    due = lake.rows(query, most)
    if not kept:
        lake.note(WRITES, "nothing is due by a rule: gold.follow_on_rules has none (its note says why)")
    if not lake.publish(WRITES, due, run_date).row_count:
        lake.note(
            WRITES,
            f"nothing is due: nobody bought an item on more than {settings.min_gaps} of {settings.rhythm_days} days",
        )


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield from map(whole_query, READS[:2])
    items = conf.settings("follow_on_rules", FollowOnSettings)
    tables = {**item_tables(items.level, items.excluded_items), **made_rule_tables()}
    yield due_query(items.level, tables, run_date, settings)


def made_rule_tables() -> dict[str, Made]:
    """What `rule_tables` makes of rules and lags, for a check."""
    names = ("rule_id", "antecedent", "consequent", "window_days", "lag_p10_days", "lag_p90_days")
    of_rules = {name: (f"gold.follow_on_rules.{name}",) for name in names}
    words = tuple(f"gold.follow_on_rules.{name}" for name in ("confidence", "consequent", "window_days", "base_rate"))
    chances = ("gold.follow_on_lags.share", "gold.follow_on_rules.later_ratio")
    return {
        "rules": Made(RULE_TYPES, {**of_rules, "said": words}),
        "chances": Made(CHANCE_TYPES, {"rule_id": of_rules["rule_id"], "probability": chances}),
        "rule_items": Made({"item": "STRING"}, {"item": (*of_rules["antecedent"], *of_rules["consequent"])}),
    }


def whole_query(table: str) -> Query:
    """All rows of a table."""
    return Query("SELECT * FROM {rows}", {"rows": table})


def due_query(level: str, tables: Mapping[str, Table], run_date: date, settings: Settings) -> Query:
    """The table's rows, over `item_tables` and `rule_tables`."""
    steps = due_steps(level, run_date, settings)
    return Query(due_sql(level, run_date, settings), tables, steps, answers=WRITES)


def usable(rules: list[dict[str, Any]], with_failed: bool) -> list[dict[str, Any]]:
    """The rules without those that did not hold after they were found; in order of id."""
    kept = [rule for rule in rules if with_failed or rule["holds_later"] is not False]
    return sorted(kept, key=lambda rule: rule["rule_id"])


def due_steps(level: str, run_date: date, settings: Settings) -> dict[str, str]:
    """The steps of `due_sql`."""
    rhythms = repurchase_steps(level, run_date, settings.rhythm_days, settings.min_gaps, settings.horizon_days)
    return {"first_days": first_days_sql(level, run_date), **rhythms}


def due_sql(level: str, run_date: date, settings: Settings) -> str:
    """The table's rows as a query for both engines; of each kind the most probable of each customer."""
    horizon = settings.horizon_days
    own = repurchase_sql(run_date, horizon, settings.due_from_gap_share, settings.due_to_gap_share)
    return f"""
    SELECT customer_id, '{level}' AS item_level, item, kind, due_from, due_to, probability, rule_id, evidence
    FROM (SELECT *, row_number() OVER (PARTITION BY customer_id, kind ORDER BY probability DESC, item) AS turn
          FROM ({follow_on_sql(run_date, horizon)} UNION ALL {own}) both_kinds
          WHERE probability >= {settings.min_probability!r}) ranked
    WHERE turn <= {settings.max_per_customer_and_kind:d}"""
