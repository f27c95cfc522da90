"""Models: who of those about to leave is worth an action, which one, and what such actions have changed so far.

Reads   models.churn_scores, models.churn_examples, gold.customer_order_days, identity.customer_map;
        gold.retention_assignments (its own, of earlier nights), activation.decisions
Writes  gold.retention_actions, one row per customer with an action on offer, those left alone on purpose among them;
        gold.retention_assignments, one row per customer and morning on which an action was chosen, for ever;
        gold.retention_effects, one row per action: what it is known to change
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa

from jobs.models.customer_churn import KIND
from jobs.models.retention import measuring, offering, units
from jobs.models.retention.measuring import Persuasion
from jobs.models.settings.churn import FEATURES, as_of_morning
from jobs.models.settings.retention import Settings as Settings
from lakehouse.config.layers import Conf
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.lake.lake import Lake
from lakehouse.modelling.named import model_of
from lakehouse.sql.query import Query

READS = ("models.churn_scores", "models.churn_examples", "gold.customer_order_days", "identity.customer_map")
READS_PREVIOUS = ("gold.retention_assignments", "activation.decisions")
WRITES = ("gold.retention_actions", "gold.retention_assignments", "gold.retention_effects")
DEPENDS_ON_RUN_DATE = True
CONF = "retention"
ACTIONS, ASSIGNMENTS, EFFECTS = WRITES
SCORES = "models.churn_scores"
OF_SCORES = tuple(
    f"models.churn_scores.{name}"
    for name in ("churn_probability", "value_at_risk", "reason_1", "reason_key", "churn_kind")
)
MEASURED = ("gold.customer_order_days.order_date", "activation.decisions.outcome", *OF_SCORES)
CUSTOMER = ("models.churn_scores.customer_id",)
LINEAGE = {
    **{table: {"as_of": (), "customer_id": CUSTOMER, "is_holdout": CUSTOMER, "*": MEASURED} for table in WRITES[:2]},
    EFFECTS: {"as_of": (), "action": (), "*": MEASURED},
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Measure what was done, keep what is still on offer, and choose whom to act on tonight."""
    as_of = as_of_morning(run_date)
    before = lake.fetch(before_query(as_of))
    persuasions = measured(lake, as_of, settings)
    has_learned = any(one.state == measuring.BY_CUSTOMER for one in persuasions.values())
    candidates = lake.fetch(candidates_query(as_of, settings, has_learned)).to_pandas()
    made = offering.assigned(candidates, before, persuasions, settings, as_of)
    tonight = pa.Table.from_pylist(made, arrow_schema(lake.contracts[ASSIGNMENTS]))
    keep(lake, tonight, run_date, as_of)
    still = lake.fetch(still_query(as_of, settings))
    offered = pa.concat_tables([one.select(offering.COLUMNS).cast(offering.SCHEMA) for one in (still, tonight)])
    lake.publish(ACTIONS, offered, run_date)
    lake.publish(EFFECTS, effects(lake, persuasions, as_of), run_date)
    say(lake, candidates, offered, persuasions)


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    as_of = as_of_morning(run_date)
    yield from (before_query(as_of), candidates_query(as_of, settings, True), horizon_query(as_of))
    yield from (counts_query(as_of, settings, 1), outcomes_query(as_of, settings, 1), still_query(as_of, settings))
    yield from (repeated_query(as_of), kept_query(as_of))


def before_query(as_of: date) -> Query:
    """Assignments of earlier mornings, as far as they bear upon tonight, under the ids of tonight."""
    sql = f"""SELECT customer_id, as_of, is_holdout, CAST(cost AS DOUBLE) AS cost
              FROM {{owned}} WHERE as_of < DATE '{as_of}'"""
    tables = {name: units.TABLES[name] for name in ("assignments", "customer_map")}
    return Query(sql, tables, units.OWNED, answers="customer_id STRING, as_of DATE, is_holdout BOOLEAN, cost DOUBLE")


def candidates_query(as_of: date, settings: Settings, has_features: bool) -> Query:
    """Tonight's scores with something at risk, the most first; what is known of each where a learner asks for it."""
    features = "".join(f", e.{name}" for name in FEATURES) if has_features else ""
    joined = f"JOIN {{examples}} e ON e.customer_id = s.customer_id AND e.as_of = DATE '{as_of}'"
    sql = f"""
    SELECT s.customer_id, a.account_id, s.churn_probability, CAST(s.value_at_risk AS DOUBLE) AS value_at_risk,
           s.reason_1, s.reason_key, s.churn_kind, s.horizon_days{features}
    FROM {{scores}} s {joined if has_features else ""}
    LEFT JOIN (SELECT customer_id, min(account_id) AS account_id FROM {{customer_map}} GROUP BY customer_id) a
         ON a.customer_id = s.customer_id
    WHERE s.value_at_risk > 0 ORDER BY s.value_at_risk DESC, s.customer_id LIMIT {settings.max_candidates:d}"""
    tables = {"scores": SCORES, "customer_map": READS[3]}
    return Query(sql, {**tables, **({"examples": READS[1]} if has_features else {})})


def horizon_query(as_of: date) -> Query:
    """How far the scores look ahead."""
    sql = f"SELECT max(horizon_days) AS horizon_days FROM {{scores}} WHERE scored_as_of <= DATE '{as_of}'"
    return Query(sql, {"scores": SCORES}, answers="horizon_days INT")


def counts_query(as_of: date, settings: Settings, horizon_days: int) -> Query:
    """How many units each action has, of either group: cheap, and mostly none."""
    sql = f"""
    SELECT action, is_treated, count(*) AS unit_count
    FROM ({units.units_sql(settings.actions, as_of, horizon_days)}) found GROUP BY action, is_treated"""
    tables = {name: units.TABLES[name] for name in ("assignments", "decisions", "customer_map")}
    return Query(sql, tables, units.OWNED, answers="action STRING, is_treated BOOLEAN, unit_count BIGINT")


def outcomes_query(as_of: date, settings: Settings, horizon_days: int) -> Query:
    """Every unit with its outcome and its features."""
    steps = units.steps(settings.actions, as_of, horizon_days)
    return Query(units.outcomes_sql(), units.TABLES, steps, answers=units.ANSWER)


def measured(lake: Lake, as_of: date, settings: Settings) -> dict[str, Persuasion]:
    """What is known of each action; units are looked at only where an action has enough of them."""
    horizon = lake.fetch(horizon_query(as_of)).to_pylist()[0]["horizon_days"] or 1
    counted: dict[str, dict[str, int]] = {name: {"unit_count": 0, "control_unit_count": 0} for name in settings.actions}
    for row in lake.fetch(counts_query(as_of, settings, horizon)).to_pylist():
        if row["action"] in counted:
            counted[row["action"]]["unit_count" if row["is_treated"] else "control_unit_count"] += row["unit_count"]
    enough = [name for name, counts in counted.items() if min(counts.values()) >= settings.min_units]
    rows = lake.fetch(outcomes_query(as_of, settings, horizon)).to_pandas() if enough else pd.DataFrame()
    model = model_of(lake.conf, KIND)
    return {
        name: measuring.measured(action, rows[rows["action"] == name].reset_index(drop=True), model, settings)
        if name in enough
        else measuring.not_yet(action, counted[name], settings.min_units)
        for name, action in settings.actions.items()
    }


def still_query(as_of: date, settings: Settings) -> Query:
    """Offers of earlier mornings that are still valid, of customers who have not bought since.

    Of two for customers who became one the newer stays, and of one morning's the worthier.
    """
    first = as_of - timedelta(days=settings.valid_days - 1)
    sql = f"""
    SELECT {", ".join(f"a.{name}" for name in offering.COLUMNS)} FROM (
        SELECT *, row_number() OVER (
            PARTITION BY customer_id ORDER BY as_of DESC, expected_value DESC, action, former_id) AS place
        FROM {{owned}} WHERE as_of < DATE '{as_of}' AND as_of >= DATE '{first}') a
    WHERE a.place = 1 AND NOT EXISTS (
        SELECT 1 FROM {{customer_map}} m JOIN {{order_days}} d ON d.account_id = m.account_id AND d.order_count > 0
        WHERE m.customer_id = a.customer_id AND d.order_date >= a.as_of AND d.order_date < DATE '{as_of}')"""
    tables = {"assignments": ASSIGNMENTS, "customer_map": READS[3], "order_days": READS[2]}
    return Query(sql, tables, units.OWNED, answers=ACTIONS)


def repeated_query(as_of: date) -> Query:
    """How many assignments this morning has already."""
    sql = f"SELECT count(*) AS row_count FROM {{assignments}} WHERE as_of = DATE '{as_of}'"
    return Query(sql, {"assignments": ASSIGNMENTS}, answers="row_count BIGINT")


def kept_query(as_of: date) -> Query:
    """The assignments of all other mornings."""
    sql = f"SELECT * FROM {{assignments}} WHERE as_of <> DATE '{as_of}'"
    return Query(sql, {"assignments": ASSIGNMENTS}, answers=ASSIGNMENTS)


def keep(lake: Lake, tonight: pa.Table, run_date: date, as_of: date) -> None:
    """Add tonight's assignments; a night that is repeated replaces its own."""
    if not lake.fetch(repeated_query(as_of))["row_count"][0].as_py():
        lake.publish(ASSIGNMENTS, tonight, run_date, mode="append")
        return
    others = lake.fetch(kept_query(as_of)).select(tonight.column_names).cast(tonight.schema)
    lake.publish(ASSIGNMENTS, pa.concat_tables([others, tonight]), run_date, mode="replace")


def effects(lake: Lake, persuasions: dict[str, Persuasion], as_of: date) -> pa.Table:
    """The rows of gold.retention_effects."""
    rows: list[dict[str, Any]] = [
        {"action": name, "as_of": as_of, "state": one.state, "persuaded_share": one.share, "sentence": one.sentence}
        | one.figures
        for name, one in persuasions.items()
    ]
    return pa.Table.from_pylist(rows, arrow_schema(lake.contracts[EFFECTS]))


def say(lake: Lake, candidates: pd.DataFrame, offered: pa.Table, persuasions: dict[str, Persuasion]) -> None:
    """Why the table is empty, or how far it can be believed."""
    if not len(candidates):
        lake.note(ACTIONS, "nobody: no customer has both a churn score and a value (models.churn_scores.value_at_risk)")
    elif not offered.num_rows:
        lake.note(ACTIONS, "nobody is worth an action: see budget, costs and assumptions of conf/retention.yaml")
    unmeasured = [name for name, one in persuasions.items() if one.state == measuring.NOT_YET]
    if offered.num_rows and unmeasured:
        lake.note(ACTIONS, f"not measurable yet: {', '.join(unmeasured)}; see gold.retention_effects")
