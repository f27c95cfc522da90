"""Whose follow-on purchase is due: the rules laid on each customer's own first purchases, as SQL for both engines."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from jobs.gold.follow_on.first_purchases import item_days_sql
from lakehouse.sql.query import spark_columns

RULE = {
    "rule_id": pa.string(),
    "antecedent": pa.string(),
    "consequent": pa.string(),
    "window_days": pa.int32(),
    "lag_p10_days": pa.int32(),
    "lag_p90_days": pa.int32(),
    "said": pa.string(),
}
CHANCE = {"rule_id": pa.string(), "elapsed_days": pa.int32(), "probability": pa.float64()}
RULE_TYPES, CHANCE_TYPES = (spark_columns(pa.schema(list(kinds.items()))) for kinds in (RULE, CHANCE))
DUE = "customer_id, item, kind, due_from, due_to, probability, rule_id, evidence"


def rule_tables(rules: list[dict[str, Any]], lags: list[dict[str, Any]]) -> dict[str, pa.Table]:
    """What the query asks of the rules.

    Args:
        rules: rows of gold.follow_on_rules.
        lags: rows of gold.follow_on_lags.

    Returns:
        rules: RULE; chances: CHANCE, who has not followed within so many days, how probably they do in what is left
        of the window; rule_items: item, each that a rule speaks of.
    """
    steps: dict[str, dict[int, float]] = {rule["rule_id"]: {} for rule in rules}
    for lag in lags:
        steps.get(lag["rule_id"], {})[lag["lag_days"]] = lag["share"]
    chances = [chance for rule in rules for chance in chances_left(rule, steps[rule["rule_id"]])]
    items = sorted({rule[side] for rule in rules for side in ("antecedent", "consequent")})
    return {
        "rules": table([rule | {"said": said(rule)} for rule in rules], RULE),
        "chances": table(chances, CHANCE),
        "rule_items": pa.table({"item": pa.array(items, pa.string())}),
    }


def table(rows: Iterable[Mapping[str, Any]], kinds: Mapping[str, pa.DataType]) -> pa.Table:
    """Rows as a table of these columns."""
    return pa.Table.from_pylist([{name: row[name] for name in kinds} for row in rows], pa.schema(list(kinds.items())))


def chances_left(rule: Mapping[str, Any], share_on: Mapping[int, float]) -> list[dict[str, Any]]:
    """Per day of the window: of those who have not followed by then, the share that still will within it.

    Lowered (or raised) as followers came after the rules were found: hazards times later_ratio.
    """
    ratio = 1.0 if rule["later_ratio"] is None else rule["later_ratio"]
    share, chances, total = 0.0, [], max(share_on.values(), default=0.0)
    for day in range(rule["window_days"]):
        share = share_on.get(day, share)
        left = 1 - ((1 - total) / (1 - share)) ** ratio if share < 1 else 0.0
        chances.append({"rule_id": rule["rule_id"], "elapsed_days": day, "probability": left})
    return chances


def said(rule: Mapping[str, Any]) -> str:
    """The rule's part of the evidence."""
    return (
        f"{rule['confidence'] * 100:.0f} % of such customers buy {rule['consequent']} within"
        f" {rule['window_days']} days, base {rule['base_rate'] * 100:.0f} %"
    )


def first_days_sql(level: str, as_of: date) -> str:
    """customer_id, item, first_day of the items in {rule_items}."""
    return f"""
    SELECT d.customer_id, d.item, min(d.order_date) AS first_day
    FROM ({item_days_sql(level, as_of)}) d JOIN {{rule_items}} i ON d.item = i.item GROUP BY d.customer_id, d.item"""


def follow_on_sql(as_of: date, horizon_days: int) -> str:
    """DUE of whoever bought a rule's antecedent and not yet its consequent, over {first_days}, {rules}, {chances}.

    An item that several rules name goes by the one that makes it most probable.
    """
    elapsed = f"datediff(DATE '{as_of}', a.first_day)"
    from_, to = (f"CAST(date_add(a.first_day, r.lag_p{part}_days) AS DATE)" for part in (10, 90))
    return f"""
    SELECT {DUE} FROM (
        SELECT *, row_number() OVER (PARTITION BY customer_id, item ORDER BY probability DESC, rule_id) AS turn FROM (
            SELECT a.customer_id, r.consequent AS item, 'follow_on' AS kind, {from_} AS due_from, {to} AS due_to,
                   c.probability, r.rule_id,
                   concat('bought ', r.antecedent, ' on ', CAST(a.first_day AS STRING), '; ', r.said) AS evidence
            FROM {{first_days}} a JOIN {{rules}} r ON a.item = r.antecedent
            JOIN {{chances}} c ON c.rule_id = r.rule_id AND c.elapsed_days = {elapsed}
            LEFT JOIN {{first_days}} b ON b.customer_id = a.customer_id AND b.item = r.consequent
            WHERE b.customer_id IS NULL) candidates
        WHERE due_to > DATE '{as_of}' AND due_from <= DATE '{as_of + timedelta(days=horizon_days)}') due
    WHERE turn = 1"""
