"""What a night did, as plain facts for the terminal's summary and the report: read from the lake, without a JVM.

Every fact is one query; a table that does not exist yet gives no rows. No personal value is asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from jobs.report.page import earned
from jobs.report.page.money import MONEY
from jobs.report.page.product_names import named
from jobs.report.page.tonight import QUERIES as TONIGHT
from jobs.report.page.tonight import Figure, figures, usual_from
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.errors import ConfigError
from lakehouse.lake.reader import Reader
from lakehouse.ops import quarantine
from lakehouse.ops import tables as ops_tables
from lakehouse.ops.history import History

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Rows = list[dict[str, Any]]

QUERIES = {
    **TONIGHT,
    **earned.QUERIES,
    "money": MONEY,
    "lines": """SELECT `table`, export, lines_in, rows_out, lines_in_rows, quarantined FROM ops.lineage
                WHERE run_date = '{day}' AND run_id IN ({runs}) ORDER BY lines_in DESC""",
    "replays": """SELECT `table`, lines_before, lines_cured, lines_after, rows_before, rows_after, asked_by
                  FROM ops.replays WHERE run_date = '{day}' ORDER BY done_at, `table`""",
    "failed_checks": """SELECT `table`, expectation, severity, why FROM ops.quality
                        WHERE run_id IN ({runs}) AND NOT is_passed ORDER BY severity, `table`""",
    "anomalies": """SELECT subject, measure, sentence, since, abs(deviations) AS off FROM ops.anomalies
                    WHERE run_date = '{day}' AND run_id IN ({runs}) ORDER BY since DESC, off DESC, sentence""",
    "checks": """SELECT count(*) AS checks, count(DISTINCT `table`) AS tables FROM ops.quality
                 WHERE run_id IN ({runs})""",
    "channels": "SELECT * FROM gold.channel_performance ORDER BY spend DESC",
    "accounts": """SELECT channel, count(*) AS accounts, count(DISTINCT customer_id) AS customers
                   FROM identity.customer_map GROUP BY channel ORDER BY accounts DESC""",
    "unified": "SELECT count(*) AS accounts, count(DISTINCT customer_id) AS customers FROM identity.customer_map",
    "cluster_sizes": """SELECT accounts, count(*) AS customers FROM (SELECT customer_id, count(*) AS accounts
                        FROM identity.customer_map GROUP BY customer_id) AS c GROUP BY accounts ORDER BY accounts""",
    "ledger": """SELECT event, count(*) AS events FROM identity.customer_id_ledger
                 WHERE run_date = '{day}' GROUP BY event ORDER BY events DESC""",
    "linkage": "SELECT * FROM identity.linkage_quality WHERE run_date = '{day}'",
    "linkage_nights": """SELECT run_date, customer_count, pairs_joined, estimated_precision, estimated_recall,
                         review_backlog FROM identity.linkage_quality WHERE run_date <= '{day}'
                         ORDER BY run_date DESC LIMIT 7""",
    "homes": """SELECT count(DISTINCT household_id) AS households, count(*) AS customers
                FROM identity.households""",
    "firms": """SELECT count(DISTINCT organisation_id) AS organisations, count(*) AS accounts
                FROM identity.organisations""",
    "moved": """SELECT count(*) AS accounts FROM identity.account_moves
                WHERE run_date = '{day}' AND event NOT IN ('retired', 'erased', 'renumbered')""",
    "review": """SELECT subject, reason, count(*) AS questions, sum(account_count) AS accounts, min(since) AS since
                 FROM identity.review_queue GROUP BY subject, reason ORDER BY questions DESC""",
    "model_changes": """SELECT model, count(DISTINCT customer_id) AS customers, min(kept_share) AS kept_share,
                        min(listed_on) AS listed_on FROM identity.pending_model_changes GROUP BY model""",
    "segments": """SELECT rfm_segment AS segment, count(*) AS customers, sum(spend) AS spend FROM gold.customer_rfm
                   GROUP BY rfm_segment ORDER BY spend DESC""",
    "segment_overlaps": """SELECT a.segment, b.segment AS other, count(*) AS customers FROM gold.segments a
                           JOIN gold.segments b ON a.customer_id = b.customer_id GROUP BY 1, 2 ORDER BY 1, 2""",
    "tags": """SELECT t.tag, t.customer_count, t.state, t.purpose, t.owner, t.rule_version, t.valid_from, t.expires_on,
               t."precision", t.precision_low, t.precision_high, c.began, c.ended FROM gold.tag_rules t
               LEFT JOIN (SELECT tag, sum(CASE WHEN valid_from = '{day}' THEN 1 ELSE 0 END) AS began,
               sum(CASE WHEN valid_to = '{day}' THEN 1 ELSE 0 END) AS ended FROM gold.customer_tags GROUP BY tag) AS c
               ON c.tag = t.tag WHERE t.valid_to IS NULL ORDER BY t.customer_count DESC""",
    "states": "SELECT state, count(*) AS customers FROM gold.life_cycle GROUP BY state ORDER BY customers DESC",
    "moves": """SELECT from_state, to_state, customer_count AS customers, is_allowed FROM gold.life_cycle_moves
                WHERE run_date = '{day}' AND customer_count > 0 AND from_state <> to_state
                ORDER BY customer_count DESC, from_state, to_state LIMIT 12""",
    "clusters": """SELECT name AS cluster, customer_count AS customers, spend_share, profile FROM gold.segment_profile
                   WHERE dimension = 'cluster' ORDER BY customer_count DESC""",
    "drift": """SELECT DISTINCT dimension, CASE WHEN dimension = 'segment' THEN name ELSE '' END AS name, psi, verdict,
                reference_date FROM gold.segment_drift
                WHERE run_date = '{day}' AND verdict IN ('shifted', 'drifted') ORDER BY psi DESC""",
    "value": """SELECT count(*) AS customers, sum(clv_365d) AS clv, avg(p_alive) AS p_alive,
                sum(expected_orders_90d) AS orders_90d FROM gold.customer_value""",
    "value_models": """SELECT model, log_likelihood, customer_count, group_count, is_converged, note
                       FROM gold.customer_value_models
                       WHERE run_date = '{day}' AND is_chosen AND cohort = 'all'""",
    "clv": "SELECT CAST(clv_365d AS DOUBLE) AS clv FROM gold.customer_value WHERE clv_365d IS NOT NULL",
    "rules": """SELECT level, antecedent, consequent, basket_count, support, confidence, lift FROM gold.basket_rules
                ORDER BY lift DESC, basket_count DESC LIMIT 10""",
    "rule_count": "SELECT count(*) AS rules FROM gold.basket_rules",
    "follow_on": """SELECT level, antecedent, consequent, window_days, confidence, base_rate, holds_later
                    FROM gold.follow_on_rules ORDER BY standard_errors DESC, rule_id LIMIT 5""",
    "due_now": """SELECT count(*) AS rows, count(DISTINCT customer_id) AS customers,
                  sum(CASE WHEN kind = 'follow_on' THEN 1 ELSE 0 END) AS by_rule FROM gold.due_now""",
    "due_items": """SELECT item_level AS level, item, count(DISTINCT customer_id) AS customers,
                    avg(probability) AS probability FROM gold.due_now GROUP BY item_level, item
                    ORDER BY count(DISTINCT customer_id) DESC, item LIMIT 8""",
    "recommended_items": """SELECT item_name, count(DISTINCT customer_id) AS customers,
                            sum(CASE WHEN kind = 'new' THEN 1 ELSE 0 END) AS new_to FROM gold.recommendations
                            GROUP BY item_name ORDER BY count(DISTINCT customer_id) DESC, item_name LIMIT 8""",
    "recommendations": """SELECT count(*) AS rows, count(DISTINCT customer_id) AS customers,
                          sum(CASE WHEN kind = 'new' THEN 1 ELSE 0 END) AS new_items FROM gold.recommendations""",
    "recommended_well": """SELECT r.recall_at_10 AS recall, p.recall_at_10 AS by_popularity,
                           n.recall_at_10 AS by_not_bought, r.as_of
                           FROM gold.recommendation_evaluation r JOIN gold.recommendation_evaluation p
                           ON r.fitted_on = p.fitted_on AND r.task = p.task AND r.customer_group = p.customer_group
                           JOIN gold.recommendation_evaluation n
                           ON r.fitted_on = n.fitted_on AND r.task = n.task AND r.customer_group = n.customer_group
                           WHERE r.task = 'new' AND r.method = 'ranker' AND p.method = 'popularity'
                             AND n.method = 'popularity_not_bought'
                             AND r.customer_group = 'all' ORDER BY r.fitted_on DESC LIMIT 1""",
    "cross_sell": "SELECT count(*) AS offers, count(DISTINCT customer_id) AS customers FROM gold.cross_sell",
    "churn": """SELECT model_version, count(*) AS customers, avg(churn_probability) AS mean_probability,
                max(horizon_days) AS horizon_days,
                sum(CASE WHEN churn_probability >= 0.5 THEN 1 ELSE 0 END) AS likely FROM models.churn_scores
                GROUP BY model_version""",
    "months": """SELECT substr(CAST(order_date AS VARCHAR(10)), 1, 7) AS month, sum(order_count) AS orders,
                 count(DISTINCT account_id) AS accounts, sum(spend_cents) / 100.0 AS spend
                 FROM gold.customer_order_days GROUP BY 1 ORDER BY 1""",
    "weeks": """SELECT week_start, CAST(sales AS DOUBLE) AS sales FROM gold.sales_weeks WHERE level = 'total'
                ORDER BY week_start""",
    "forecast": """SELECT week_start, CAST(expected_sales AS DOUBLE) AS expected, CAST(low_sales AS DOUBLE) AS low,
                   CAST(high_sales AS DOUBLE) AS high, model FROM gold.sales_forecast WHERE level = 'total'
                   ORDER BY week_start""",
    "moving_items": """SELECT f.level, f.item, CAST(f.expected_sales AS DOUBLE) AS expected, w.usual
                       FROM gold.sales_forecast f
                       JOIN (SELECT level, item, avg(CAST(sales AS DOUBLE)) AS usual FROM gold.sales_weeks
                             GROUP BY level, item) w ON f.level = w.level AND f.item = w.item
                       WHERE f.height = 0 AND f.weeks_ahead = 1
                       ORDER BY abs(CAST(f.expected_sales AS DOUBLE) - w.usual) DESC, f.item LIMIT 6""",
    "forecast_errors": """SELECT level, wape, interval_coverage FROM gold.sales_forecast_accuracy a
                          WHERE is_chosen AND made_after_week = (SELECT max(made_after_week)
                                                                 FROM gold.sales_forecast_accuracy)
                          ORDER BY series_count DESC""",
    "audiences": """SELECT audience, count(*) AS customers FROM activation.audiences WHERE NOT is_held_out
                    GROUP BY audience ORDER BY customers DESC""",
    "funnels": """SELECT kind, name, max(CASE WHEN stage_number = 1 THEN customer_count END) AS meant,
                  max(CASE WHEN stage_number = 3 THEN customer_count END) AS consented,
                  max(CASE WHEN stage_number = 5 THEN customer_count END) AS left_over,
                  min(CASE WHEN customer_count = 0 THEN stage_number END) AS empty_at
                  FROM activation.funnels WHERE run_date = '{day}' GROUP BY kind, name ORDER BY kind, name""",
    "decided": """SELECT kind, name, count(DISTINCT customer_id) AS looked_at,
                  count(DISTINCT CASE WHEN outcome <> 'not_allowed' OR rule IN ('cap', 'days_between', 'fatigue')
                                      THEN customer_id END) AS consented,
                  count(DISTINCT CASE WHEN outcome NOT IN ('not_allowed', 'held_out')
                                      THEN customer_id END) AS left_over,
                  count(CASE WHEN outcome = 'chosen' THEN 1 END) AS chosen,
                  count(DISTINCT CASE WHEN outcome = 'held_out' THEN customer_id END) AS held_out,
                  sum(CASE WHEN outcome = 'chosen' THEN expected_value END) AS expected_value
                  FROM activation.decisions WHERE run_date = '{day}' GROUP BY kind, name ORDER BY kind, name""",
    "points": """SELECT earn_points, burn_points, take_back_points, expire_points, adjust_points, closing_points,
                 owed_points, moved_points, customer_count, CAST(liability AS DOUBLE) AS liability,
                 (SELECT count(*) FROM gold.loyalty_liability WHERE run_date < '{day}') AS nights_before
                 FROM gold.loyalty_liability WHERE run_date = '{day}'""",
    "points_due": """SELECT sum(expiring_points) AS points, min(next_expires_on) AS first_on,
                     sum(CASE WHEN expiring_points > 0 THEN 1 ELSE 0 END) AS customers FROM gold.loyalty_balances""",
    "tiers": """SELECT b.tier, count(*) AS customers, sum(b.points) AS points,
                sum(CASE WHEN b.is_held_out THEN 1 ELSE 0 END) AS held_out,
                sum(CASE WHEN b.tier_since = '{day}' THEN 1 ELSE 0 END) AS came_tonight, avg(t.dwell_days) AS dwell_days
                FROM gold.loyalty_balances b
                LEFT JOIN (SELECT tier, avg(dwell_days) AS dwell_days FROM gold.loyalty_tiers GROUP BY tier) t
                  ON t.tier = b.tier
                WHERE b.tier IS NOT NULL GROUP BY b.tier ORDER BY min(b.qualifying_points), b.tier""",
    "tier_effects": """SELECT experiment, arm, difference, sequential_low, sequential_high, state, unit_count,
                       control_unit_count FROM gold.experiment_results
                       WHERE experiment LIKE 'tier:%' AND metric = 'spend' AND segment = 'all' ORDER BY experiment""",
    "contact_rules": """SELECT rule, count(*) AS candidates FROM activation.decisions WHERE run_date = '{day}'
                        AND outcome <> 'chosen' GROUP BY rule ORDER BY candidates DESC, rule""",
}


@dataclass
class Facts:
    """All facts about one night; `rows[name]` are the rows of QUERIES[name]."""

    run_date: date
    run_ids: tuple[str, ...]
    is_published: bool
    jobs: Rows
    files: Rows
    freshness: Rows
    rows: dict[str, Rows] = field(default_factory=dict)
    currency: str = ""
    counts_incomplete: bool = True  # whether incomplete orders count in value and RFM
    next_experiment: str = ""

    @property
    def tonight(self) -> list[Figure]:
        """The day's figures against usual."""
        new = self.rows.get("first_order_days", []) if self.one("value").get("customers") else None
        return figures(self.run_date, self.rows.get("sales_days", []), new)

    def one(self, name: str) -> dict[str, Any]:
        """The single row of a query, {} where its table is missing."""
        return self.rows[name][0] if self.rows.get(name) else {}


def gather(conf: Conf, run_date: date | None = None, spark: "SparkSession | None" = None) -> Facts | None:
    """The facts of a day's night (None: the last that ran); None when nothing ever ran.

    Args:
        spark: a session that reads the tables; None: delta-rs does.
    """
    root = conf.profile.path(conf.profile.lake)
    history = History(root)
    days = [row["run_date"] for row in history.rows]
    if not days:
        return None
    day = run_date or days[-1]
    of_day = [row for row in history.rows if row["run_date"] == day]
    runs = tuple(dict.fromkeys(row["run_id"] for row in of_day))
    files = latest_states(ops_tables.read(f"{root}/ops/files"))
    came = [f for f in files if f["run_date"] == day]
    facts = Facts(day, runs, day in history.nights(), newest_per_job(of_day), came, freshness(conf, files, day))
    values = {
        "day": str(day),
        "usual_from": str(usual_from(day)),
        "stakes_from": str(earned.stakes_from(day)),
        "runs": ", ".join(f"'{run}'" for run in runs) or "''",
    }
    reader = Reader(root, spark=spark)
    facts.currency = conf.profile.reporting_currency
    facts.counts_incomplete = bool(conf.document("customer_order_days").value.get("count_incomplete_orders", True))
    rows = {name: _ask(reader.sql, text, values) for name, text in QUERIES.items()}
    facts.rows = named(rows, lambda text: _ask(reader.sql, text, {}))
    how_read = conf.document("experiment_reading").value
    facts.next_experiment = earned.next_experiment(
        facts.rows["stakes"], facts.rows["effects"], how_read, facts.currency
    )
    facts.rows["quarantine"] = quarantined(conf, root, day)
    tonight = [row | {"lines": row["tonight"]} for row in facts.rows["quarantine"] if row["tonight"]]
    facts.rows["reasons"] = sorted(tonight, key=lambda row: -row["lines"])
    return facts


def _ask(sql: Callable[[str], Any], text: str, values: dict[str, str]) -> Rows:
    try:
        return list(sql(text.format(**values) if values else text).to_pylist())
    except ConfigError:  # a table that no night has made yet
        return []


def newest_per_job(rows: Rows) -> Rows:
    """The last record of each job of a day, without the manifest."""
    return list({row["job"]: row for row in rows if row["job"] != "night"}.values())


def latest_states(events: Rows) -> Rows:
    """The latest state of every file of the ledger."""
    return list({(e["path"],): e for e in sorted(events, key=lambda e: e["seq"])}.values())


def freshness(conf: Conf, files: Rows, day: date) -> Rows:
    """Per export: its last delivery, days since, and whether that is late by its YAML."""
    rows = []
    for export in conf.exports().values():
        days = [
            f["delivery_date"] for f in files if f["export"] == export.name and f["state"] in ("received", "duplicate")
        ]
        age = (day - max(days)).days if days else None
        allowed = export.late_after_days
        late = allowed is not None and (age is None or age > allowed)
        rows.append({"export": export.name, "last": max(days) if days else None, "age_days": age, "is_late": late})
    return sorted(rows, key=lambda row: (not row["is_late"], row["export"]))


def quarantined(conf: Conf, root: str, day: date) -> Rows:
    """What lies in quarantine by table and reason: how many lines tonight's and in all, and for how long."""
    tables = [quarantine.beside(t) for t in Contracts(conf) if t.startswith("silver.")]
    return [
        {
            "table": pile.table,
            "reason": pile.reason,
            "tonight": pile.tonight,
            "lines": pile.lines,
            "exports": ", ".join(pile.exports),
            "oldest": pile.oldest,
            "age_days": pile.age_days(day),
        }
        for pile in quarantine.piles(root, tables, day)
    ]
