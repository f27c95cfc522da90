"""Models: what was known of each customer as of past dates, and whether they bought in the days that followed.

Reads   gold.customer_order_days, identity.customer_map, gold.life_cycle_rhythm (how far to look ahead);
        silver.interactions, silver.coupon_redemptions, silver.feedback, gold.segment_history, silver.order_lines,
        silver.products (as far as there are any)
Writes  models.churn_examples, one row per customer and as-of date; the last as-of date is tonight's, to be scored

The table is made anew each night, from bounded history (`history_days` and `max_as_of_dates` of conf/churn.yaml): a
merged customer or a late file changes past examples too, and an old night done again gives the same table. Many
customers make more examples than a training looks at: as of past dates a share of them is kept, whole customers, by
a hash (`max_past_examples`; `customer_share` says how many); tonight's are all there.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from jobs.models.churn import categories, signals
from jobs.models.churn.features import features_sql, is_kept_sql, origins, sums_sql
from jobs.models.churn.parts import Part, absent, with_sql
from jobs.models.settings.churn import Settings, as_of_morning
from lakehouse.config.layers import Conf
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query

__all__ = ["Settings"]
READS = (
    "gold.customer_order_days",
    "identity.customer_map",
    "gold.life_cycle_rhythm",
    "silver.interactions",
    "silver.coupon_redemptions",
    "silver.feedback",
    "gold.segment_history",
    "silver.order_lines",
    "silver.products",
)
WRITES = "models.churn_examples"
DEPENDS_ON_RUN_DATE = True
CONF = "churn"
INTERVAL = """SELECT interval_days FROM {rhythm} WHERE run_date <= DATE '%s' AND interval_days IS NOT NULL
              ORDER BY run_date DESC LIMIT 1"""
FIRST_PURCHASE = """SELECT min(order_date) AS first_purchase FROM {order_days}
                    WHERE order_count > 0 AND order_date <= DATE '%s'"""
LINEAGE = {
    WRITES: {
        "as_of": (),
        "customer_share": (),
        "horizon_days": ("gold.life_cycle_rhythm.interval_days",),
        "is_purchase_seen": ("gold.customer_order_days.order_date",),
        "is_churned": ("gold.customer_order_days.order_date", "gold.customer_order_days.order_count"),
    }
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Make the examples of every as-of date up to the morning after `run_date`."""
    first = lake.fetch(first_purchase_query(run_date)).to_pylist()
    first_purchase = first[0]["first_purchase"]
    if first_purchase is None:
        lake.note(WRITES, "no examples: a customer with an order is needed")
    as_of = as_of_morning(run_date)
    settings = for_company(lake, run_date, settings)
    dates = settings.as_of_dates(first_purchase or as_of, as_of)
    accounts = lake.row_count(READS[1])
    query = churn_examples_query(dates, as_of, settings, accounts)
    lake.publish(WRITES, lake.rows(query, settings.most_examples(accounts, len(dates))), run_date)


def queries(conf: Conf, run_date: date, settings: Settings) -> Iterator[Query]:
    """All queries of this job."""
    as_of = as_of_morning(run_date)
    yield from (interval_query(run_date), first_purchase_query(run_date))
    yield churn_examples_query([as_of], as_of, settings, accounts=0)


def for_company(lake: Lake, run_date: date, settings: Settings) -> Settings:
    """The settings with the horizon that fits the company as of a night."""
    known = lake.fetch(interval_query(run_date)).to_pylist()
    return settings.looking(known[0]["interval_days"] if known else None)


def interval_query(run_date: date) -> Query:
    """The company's interval by the newest fit up to a night."""
    return Query(INTERVAL % run_date, {"rhythm": READS[2]}, answers="interval_days INT")


def first_purchase_query(run_date: date) -> Query:
    """The day of the first order of all."""
    return Query(FIRST_PURCHASE % run_date, {"order_days": READS[0]}, answers="first_purchase DATE")


def churn_examples_query(dates: list[date], known_until: date, settings: Settings, accounts: int) -> Query:
    """The table's rows; of a company of many accounts a share of the customers alone as of past dates."""
    share = settings.past_share(accounts, len(dates))
    tables = {
        **dict(zip(("order_days", "customer_map"), READS[:2], strict=True)),
        "origins": origins(dates, settings.history_days, settings.horizon, share),
        **signals.TABLES,
        **categories.TABLES,
    }
    sql = churn_examples_sql(known_until, settings, share, has_signals=True, has_lines=True)
    return Query(sql, tables, answers=WRITES)


def churn_examples_sql(
    known_until: date, settings: Settings, past_share: float = 1.0, has_signals: bool = False, has_lines: bool = False
) -> str:
    """Features as of each date, and the label where its horizon has passed, as a query for both engines.

    Args:
        known_until: the morning up to which purchases are known: later ones do not count even where they are there.
        past_share: of the customers whose rows as of past dates are kept.
        has_signals: the tables of `signals` are there, too; else their features are NULL.
        has_lines: likewise those of `categories`.

    Returns:
        customer_id, as_of, horizon_days, the FEATURES, is_churned (NULL where the horizon reaches past known_until);
        is_lapsed by the customer's own limit (NULL while it is not known); days_to_purchase, censored at known_until
        where is_purchase_seen is false; customer_share, of the customers of that date who are kept.
    """
    last_matured = known_until - timedelta(days=settings.horizon)
    known_days = f"datediff(DATE '{known_until}', s.as_of)"
    is_back = f"next_date < DATE '{known_until}'"
    limit = "CAST(ceil(mean_gap + 2 * gap_deviation) AS INT)"  # of who has two gaps at least; else NULL
    beside = parts(known_until, settings, past_share, has_signals, has_lines)
    features = features_sql(settings.history_days) + "".join(
        f", {sql} AS {name}" for part in beside for name, sql in part.columns.items()
    )
    return f"""{with_sql(*beside)}
    SELECT s.customer_id, s.as_of, {settings.horizon:d} AS horizon_days, {features},
           CASE WHEN s.as_of <= DATE '{last_matured}' THEN NOT bought_again END AS is_churned,
           {limit} AS personal_limit_days,
           CASE WHEN {is_back} AND datediff(next_date, s.as_of) < {limit} THEN FALSE
                WHEN {known_days} >= {limit} THEN TRUE END AS is_lapsed,
           CASE WHEN {is_back} THEN datediff(next_date, s.as_of) ELSE {known_days} END AS days_to_purchase,
           {is_back} AS is_purchase_seen, customer_share
    FROM ({sums_sql(known_until, settings.history_days, past_share)}) s {" ".join(part.joins for part in beside)}"""


def parts(
    known_until: date, settings: Settings, past_share: float, has_signals: bool, has_lines: bool
) -> tuple[Part, ...]:
    """What further tables say, NULL where they are not looked at."""
    told, bought = absent(signals.TYPES), absent(categories.TYPES)
    if has_signals:
        told = signals.part(known_until, settings.interaction_types, is_kept_sql(past_share, "e.customer_id"))
    if has_lines:
        oldest = settings.earliest(known_until)
        bought = categories.part(known_until, oldest, settings.excluded_items, past_share)
    return told, bought
