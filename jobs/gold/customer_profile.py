"""Gold: everything known about a customer that a segment, a tag or a person at a desk asks for, in one row.

Reads   identity.customer_map, gold.customer_order_days, gold.customer_rfm, gold.customer_value, gold.life_cycle,
        gold.behaviour_clusters, silver.order_lines, silver.products, silver.consents, silver.demographics,
        silver.campaign_contacts, silver.coupon_redemptions, gold.life_cycle_rhythm (how far favourites look back)
Writes  gold.customer_profile, one row per customer
"""

from collections.abc import Iterator
from datetime import date, timedelta

from jobs.gold.customer_figures import profile_parts as parts
from jobs.gold.customer_figures.customer_days import average_sql, money_sql
from jobs.gold.life import choice
from jobs.gold.settings.customer_profile import Settings
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query

READS = (
    "identity.customer_map",
    "gold.customer_order_days",
    "gold.customer_rfm",
    "gold.customer_value",
    "gold.life_cycle",
    "gold.behaviour_clusters",
    "silver.order_lines",
    "silver.products",
    "silver.consents",
    "silver.demographics",
    "silver.campaign_contacts",
    "silver.coupon_redemptions",
    "gold.life_cycle_rhythm",
)
TABLES = {table.split(".")[1]: table for table in READS[:-1]}
WRITES = "gold.customer_profile"
DEPENDS_ON_RUN_DATE = True
CONF = "customer_profile"


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Gather what the other tables say of each customer."""
    customers = lake.row_count(READS[0])  # accounts, so no fewer
    window_days = choice.until_lost(lake, run_date, settings.favourite_window_days)
    in_force = settings.model_copy(update={"favourite_window_days": window_days})
    rows = lake.rows(profile_query(run_date, in_force), customers)
    if not lake.publish(WRITES, rows, run_date).row_count:
        lake.note(WRITES, "no customers are known yet")


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    yield from (choice.choice_query(run_date), profile_query(run_date, settings))


def profile_query(run_date: date, settings: Settings) -> Query:
    """The table's rows."""
    first_day = run_date - timedelta(days=settings.favourite_window_days - 1)
    return Query(profile_sql(run_date, first_day, settings.excluded_items), TABLES, answers=WRITES)


def profile_sql(as_of: date, first_day: date, excluded_items: tuple[str, ...] = ()) -> str:
    """One row per customer with what each table says, as a query for both engines over TABLES.

    Args:
        first_day: from here on a purchase counts for the favourite category.
        excluded_items: no goods, whose purchases do not.
    """
    demographics = ", ".join(f"d.{name}" for name in parts.DEMOGRAPHICS)
    return f"""
    SELECT a.*, o.first_order_date, o.last_order_date, coalesce(o.order_count, 0) AS order_count,
           coalesce(o.refund_count, 0) AS refund_count, {money_sql("coalesce(o.spend_cents, 0)")} AS spend,
           {average_sql("o.spend_cents", "o.order_count")} AS average_order, o.favourite_channel,
           r.recency_days, r.r_score, r.f_score, r.m_score, r.rfm_segment, l.state, l.since AS state_since,
           l.dwell_days AS state_days, l.usual_gap_days, l.dormant_after_days, l.lost_after_days, l.loyal_order_days,
           CASE WHEN o.last_order_date IS NOT NULL THEN l.state = 'lost' END AS is_gone,
           {parts.gone_note_sql(as_of)} AS gone_note, g.cluster_id, g.cluster, g.since AS cluster_since,
           v.p_alive, v.expected_orders_90d, v.expected_spend_365d, v.clv_365d, v.value_decile, f.favourite_category,
           c.granted_purposes, c.refused_purposes, {demographics},
           coalesce(k.n, 0) AS campaign_contact_count, coalesce(u.n, 0) AS coupon_redemption_count
    FROM ({parts.accounts_sql()}) a
    LEFT JOIN ({parts.order_summary_sql(as_of)}) o ON a.customer_id = o.customer_id
    LEFT JOIN {{customer_rfm}} r ON a.customer_id = r.customer_id
    LEFT JOIN {{life_cycle}} l ON a.customer_id = l.customer_id
    LEFT JOIN {{behaviour_clusters}} g ON a.customer_id = g.customer_id
    LEFT JOIN ({parts.value_sql()}) v ON a.customer_id = v.customer_id
    LEFT JOIN ({parts.favourite_sql(first_day, as_of, excluded_items)}) f ON a.customer_id = f.customer_id
    LEFT JOIN ({parts.consent_sql()}) c ON a.customer_id = c.customer_id
    LEFT JOIN ({parts.demographics_sql()}) d ON a.customer_id = d.customer_id
    LEFT JOIN ({parts.count_sql("campaign_contacts", f"e.contacted_date <= DATE '{as_of}'")}) k
           ON a.customer_id = k.customer_id
    LEFT JOIN ({parts.count_sql("coupon_redemptions", f"e.redeemed_date <= DATE '{as_of}'")}) u
           ON a.customer_id = u.customer_id"""
