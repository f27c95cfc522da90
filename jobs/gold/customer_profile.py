"""Gold: everything known about a customer that a segment, a tag or a person at a desk asks for, in one row.

Reads   identity.customer_map, gold.customer_order_days, gold.customer_rfm, gold.customer_value, gold.life_cycle,
        silver.order_lines, silver.products, silver.consents, silver.demographics, silver.campaign_contacts,
        silver.coupon_redemptions
Writes  gold.customer_profile, one row per customer
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.gold.customer_days import money
from jobs.gold.quantile_scores import cuts, score, three_digits
from jobs.lake import Lake

READS = (
    "identity.customer_map",
    "gold.customer_order_days",
    "gold.customer_rfm",
    "gold.customer_value",
    "gold.life_cycle",
    "silver.order_lines",
    "silver.products",
    "silver.consents",
    "silver.demographics",
    "silver.campaign_contacts",
    "silver.coupon_redemptions",
)
SCANNED = ("gold.customer_order_days", "silver.order_lines", "silver.products")  # by queries of their own
WRITES = "gold.customer_profile"
AGES = True
CONF = "customer_profile"

DEMOGRAPHICS = ("age_band", "income_band", "home_ownership", "marital_status", "household_size", "children_count")


@dataclass(frozen=True)
class Settings:
    """conf/customer_profile.yaml, which says what each key means."""

    favourite_window_days: int


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Gather what the other tables say of each customer."""
    customers = lake.row_count(READS[0])  # accounts, so no fewer
    summary = lake.select(order_summary_sql(run_date), {"order_days": READS[1], "customer_map": READS[0]}, customers)
    lake = lake.for_rows(sum(lake.row_count(table) for table in READS if table not in SCANNED))
    read = {table.split(".")[1]: lake.read(table) for table in READS if table not in SCANNED}
    ids = read["customer_map"].select("account_id", "customer_id")
    first_day = run_date - timedelta(days=settings.favourite_window_days - 1)
    bought = {"order_lines": "silver.order_lines", "customer_map": READS[0], "products": "silver.products"}
    favourites = lake.select(favourite_sql(first_day, run_date), bought, customers)
    contacts = read["campaign_contacts"].where(F.col("contacted_date") <= F.lit(run_date))
    redemptions = read["coupon_redemptions"].where(F.col("redeemed_date") <= F.lit(run_date))
    parts = [
        order_summary(summary),
        read["customer_rfm"].select("customer_id", "recency_days", "r_score", "f_score", "m_score", "rfm_segment"),
        value_summary(read["customer_value"]),
        read["life_cycle"].select("customer_id", "state", F.col("since").alias("state_since")),
        favourites,
        consent_summary(read["consents"], ids),
        demographics_summary(read["demographics"], ids),
        count_per_customer(contacts, ids, "campaign_contact_count"),
        count_per_customer(redemptions, ids, "coupon_redemption_count"),
    ]
    published = lake.publish(WRITES, customer_profile(accounts(read["customer_map"]), parts), run_date)
    if not published.row_count:
        lake.note(WRITES, "no customers are known yet")


def accounts(customer_map: DataFrame) -> DataFrame:
    """customer_id, channels (sorted), account_count, is_lead (known from lead lists alone)."""
    return customer_map.groupBy("customer_id").agg(
        F.array_sort(F.collect_set("channel")).alias("channels"),
        F.count("*").cast("int").alias("account_count"),
        F.bool_and("is_lead").alias("is_lead"),
    )


def customer_profile(customers: DataFrame, parts: list[DataFrame]) -> DataFrame:
    """Join each part by customer; what counts is 0 where there is nothing to count."""
    profile = reduce(lambda joined, part: joined.join(part, "customer_id", "left"), parts, customers)
    counts = ["order_count", "refund_count", "spend", "campaign_contact_count", "coupon_redemption_count"]
    return profile.na.fill(0, counts)


def order_summary_sql(as_of: date) -> str:
    """First and last order, orders, refunds, cents, and the channel with most orders, as a query for both engines."""
    sums = ", ".join(
        f"CAST(sum(d.{name}) AS BIGINT) AS {name}" for name in ("order_count", "refund_count", "spend_cents")
    )
    totals = ", ".join(
        f"CAST(sum({name}) AS BIGINT) AS {name}" for name in ("order_count", "refund_count", "spend_cents")
    )
    return f"""
    WITH per_channel AS (
        SELECT m.customer_id, d.channel, {sums},
               min(CASE WHEN d.order_count > 0 THEN d.order_date END) AS first_order_date,
               max(CASE WHEN d.order_count > 0 THEN d.order_date END) AS last_order_date
        FROM {{order_days}} d JOIN {{customer_map}} m ON d.account_id = m.account_id
        WHERE d.order_date <= DATE '{as_of}' GROUP BY m.customer_id, d.channel),
    ranked AS (
        SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY order_count DESC, channel DESC) AS place
        FROM per_channel)
    SELECT customer_id, min(first_order_date) AS first_order_date, max(last_order_date) AS last_order_date, {totals},
           max(CASE WHEN place = 1 THEN channel END) AS favourite_channel FROM ranked GROUP BY customer_id"""


def order_summary(sums: DataFrame) -> DataFrame:
    """The answer to `order_summary_sql` with spend and average_order in place of cents."""
    spend = money(F.col("spend_cents"))
    average = F.try_divide(spend, F.col("order_count")).cast("decimal(18,2)")
    return sums.withColumns({"spend": spend, "average_order": average}).drop("spend_cents")


def value_summary(customer_value: DataFrame) -> DataFrame:
    """The value figures and value_decile: 10 for the tenth of buyers with the highest clv_365d, 1 for the lowest."""
    value = three_digits(F.col("clv_365d"))
    limits = F.broadcast(cuts(customer_value, {"_clv": value}, 10))
    decile = F.when(F.col("clv_365d").isNotNull(), score(value, F.col("_clv")))
    figures = ("p_alive", "expected_orders_90d", "expected_spend_365d", "clv_365d")
    return customer_value.crossJoin(limits).select("customer_id", *figures, decile.alias("value_decile"))


def favourite_sql(first_day: date, last_day: date) -> str:
    """The known product category each customer spends most on, as a query for both engines; of equal ones the first."""
    return f"""
    WITH spent AS (
        SELECT m.customer_id, p.product_category, sum(l.sales_cents) AS cents
        FROM {{order_lines}} l JOIN {{customer_map}} m ON l.account_id = m.account_id
        JOIN {{products}} p ON l.product_id = p.product_id
        WHERE p.product_category IS NOT NULL AND l.order_date BETWEEN DATE '{first_day}' AND DATE '{last_day}'
        GROUP BY m.customer_id, p.product_category),
    ranked AS (
        SELECT customer_id, product_category,
               row_number() OVER (PARTITION BY customer_id ORDER BY cents DESC, product_category) AS place FROM spent)
    SELECT customer_id, product_category AS favourite_category FROM ranked WHERE place = 1"""


def consent_summary(consents: DataFrame, ids: DataFrame) -> DataFrame:
    """Purposes granted and refused (sorted); a refusal by any account of the customer outweighs a grant."""
    per_purpose = consents.join(ids, "account_id").groupBy("customer_id", "purpose")
    purpose = per_purpose.agg(F.bool_and("is_granted").alias("is_granted"))
    named = {"granted_purposes": F.col("is_granted"), "refused_purposes": ~F.col("is_granted")}
    lists = (F.array_sort(F.collect_set(F.when(holds, F.col("purpose")))).alias(name) for name, holds in named.items())
    return purpose.groupBy("customer_id").agg(*lists)


def demographics_summary(demographics: DataFrame, ids: DataFrame) -> DataFrame:
    """One answer per question: of several accounts', the first in the order of account_id that is known."""
    answers = (F.min_by(name, "account_id").alias(name) for name in DEMOGRAPHICS)
    return demographics.join(ids, "account_id").groupBy("customer_id").agg(*answers)


def count_per_customer(events: DataFrame, ids: DataFrame, name: str) -> DataFrame:
    """How many rows each customer has."""
    return events.join(ids, "account_id").groupBy("customer_id").agg(F.count("*").alias(name))
