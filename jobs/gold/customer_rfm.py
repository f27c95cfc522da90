"""Gold: how recently, how often and for how much each customer buys, and the segment that follows.

Reads   gold.customer_order_days, identity.customer_map, gold.life_cycle_rhythm (how far the window reaches)
Writes  gold.customer_rfm, one row per customer with an order in the window
"""

from collections.abc import Iterator
from datetime import date, timedelta

from jobs.gold.customer_figures.customer_days import TABLES, customer_days_sql, money_sql
from jobs.gold.customer_figures.quantile_scores import equal_cuts, given_cuts, scores_sql, three_digits
from jobs.gold.life import choice
from jobs.gold.settings.customer_rfm import Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.literal import in_query, in_query_literal
from lakehouse.sql.query import Query, Table

READS = ("gold.customer_order_days", "identity.customer_map", "gold.life_cycle_rhythm")
WRITES = "gold.customer_rfm"
DEPENDS_ON_RUN_DATE = True
CONF = "customer_rfm"


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Score every customer who ordered within the window."""
    customers = lake.row_count("identity.customer_map")
    window_days = choice.until_lost(lake, run_date, settings.window_days)
    in_force = settings.model_copy(update={"window_days": window_days})
    if window_days > settings.window_days:
        lake.note(WRITES, f"orders of {window_days} days count: so late a customer of this company is lost")
    rows = lake.materialise(customer_rfm_query(run_date, in_force), customers)
    if not lake.publish(WRITES, lake.rows(kept_query(rows), customers), run_date).row_count:
        lake.note(WRITES, f"no customer ordered in the {window_days} days up to {run_date}")
    elif empty := nobodys(lake, rows, settings):
        lake.note(WRITES, f"nobody is {', '.join(empty)}: no customer's scores make it")


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    rows = customer_rfm_query(run_date, settings)
    yield from (choice.choice_query(run_date), rows, kept_query(rows), names_query(rows))


def kept_query(rows: Table) -> Query:
    """The table's rows, once they are computed."""
    return Query("SELECT * FROM {rows}", {"rows": rows}, answers=WRITES)


def names_query(rows: Table) -> Query:
    """The segments that have customers."""
    return Query("SELECT DISTINCT rfm_segment FROM {rows}", {"rows": rows}, answers="rfm_segment STRING")


def nobodys(lake: Lake, rows: Table, settings: Settings) -> list[str]:
    """The named segments that no customer is in."""
    seen = set(lake.fetch(names_query(rows)).column("rfm_segment").to_pylist())
    return [one.segment for one in settings.segments if one.segment not in seen]


def customer_rfm_query(run_date: date, settings: Settings) -> Query:
    """The table's rows."""
    return Query(segmented_sql(customer_rfm_sql(run_date, settings), settings), TABLES, answers=WRITES)


def customer_rfm_sql(as_of: date, settings: Settings) -> str:
    """Recency, frequency, monetary value and their scores, as a query for both engines over TABLES.

    Returns:
        customer_id, recency_days (since the last order), order_count, spend_cents (refunds taken off), r_score,
        f_score, m_score: 1 to score_count, the best customers have the highest of each.
    """
    first_day = as_of - timedelta(days=settings.window_days - 1)  # the window includes as_of itself
    recency_cuts = settings.recency_cuts_days
    recency_scores = len(recency_cuts) + 1 if recency_cuts else settings.score_count
    return f"""
    WITH days AS ({customer_days_sql(as_of, first_day)}),
    sums AS (
        SELECT customer_id, CAST(sum(order_count) AS BIGINT) AS order_count,
               CAST(sum(spend_cents) AS BIGINT) AS spend_cents,
               datediff(DATE '{as_of}', max(CASE WHEN order_count > 0 THEN order_date END)) AS recency_days
        FROM days GROUP BY customer_id),
    rfm AS (
        SELECT *, CAST(recency_days AS DOUBLE) AS r, CAST(order_count AS DOUBLE) AS f,
               {three_digits("(CAST(spend_cents AS DOUBLE) / 100)")} AS m
        FROM sums WHERE order_count > 0),
    {scored("r", recency_cuts, settings.score_count)},
    {scored("f", settings.order_count_cuts, settings.score_count)},
    {scored("m", settings.spend_cuts, settings.score_count)}
    SELECT customer_id, CAST(recency_days AS INT) AS recency_days, order_count, spend_cents,
           CAST({recency_scores + 1} - r_scores.score AS INT) AS r_score, f_scores.score AS f_score,
           m_scores.score AS m_score
    FROM rfm JOIN r_scores ON rfm.r = r_scores.value JOIN f_scores ON rfm.f = f_scores.value
    JOIN m_scores ON rfm.m = m_scores.value"""


def scored(name: str, cuts: tuple[float, ...], score_count: int) -> str:
    """Two parts of the query: the values of a figure, and the score of each."""
    values = f"{name}_values"
    chosen = given_cuts(cuts) if cuts else equal_cuts(values, score_count)
    return f"{values} AS (SELECT {name} AS value FROM rfm), {name}_scores AS ({scores_sql(values, chosen)})"


def segmented_sql(rfm: str, settings: Settings) -> str:
    """Spend in money, and rfm_segment: the first segment whose condition holds, or the other one.

    Args:
        rfm: a query for customer_id, recency_days, order_count, spend_cents and the scores.
    """
    cases = " ".join(f"WHEN {in_query(s.when)} THEN {in_query_literal(s.segment)}" for s in settings.segments)
    otherwise = in_query_literal(settings.other_segment)
    segment = f"CASE {cases} ELSE {otherwise} END" if cases else otherwise
    kept = "customer_id, recency_days, order_count, r_score, f_score, m_score, spend"
    return f"""
    SELECT {kept}, {segment} AS rfm_segment
    FROM (SELECT *, {money_sql("spend_cents")} AS spend FROM ({rfm}) counted) scored"""
