"""Gold: what each segment, state and cluster is like: its size, its worth, how it buys, and what sets it apart.

The second level of the portrait: gold.customer_profile tells of a person, this table of the groups that they are in.

Reads   gold.customer_profile, gold.behaviour_clusters, gold.segments
Writes  gold.segment_profile, one row per dimension and group
"""

import math
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from jobs.gold.behaviour.words import plain, profile
from jobs.gold.settings.behaviour_clusters import FEATURES
from lakehouse.config.layers import Conf, Profile
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query

READS = ("gold.customer_profile", "gold.behaviour_clusters", "gold.segments")
WRITES = "gold.segment_profile"
TABLES = {table.split(".")[1]: table for table in READS}

MEASURES = {  # of buyers, as SQL over the profile `p`; NULL of others, so that leads are no poor customers
    "order_count": "CASE WHEN p.order_count > 0 THEN CAST(p.order_count AS DOUBLE) END",
    "average_order": "CAST(p.average_order AS DOUBLE)",
    "recency_days": "CAST(p.recency_days AS DOUBLE)",
    "p_alive": "p.p_alive",
    "clv_365d": "CAST(p.clv_365d AS DOUBLE)",
    "coupon_redemption_count": "CASE WHEN p.order_count > 0 THEN CAST(p.coupon_redemption_count AS DOUBLE) END",
    "channel_count": "CASE WHEN p.order_count > 0 THEN CAST(size(p.channels) AS DOUBLE) END",
}
COMPARED = (*MEASURES, *FEATURES)
SAME = {"order_count", "average_order"}  # say what orders_per_30d and spend_per_order do, so they set nothing apart
TOLD = 5  # of what sets a group apart
NAMED_APART = 0.2  # standard deviations; less is like everyone
GROUPS = (
    "gold.customer_profile.rfm_segment",
    "gold.customer_profile.state",
    "gold.behaviour_clusters.cluster",
    "gold.segments.segment",
)
OWN = ("spend", "favourite_category", "favourite_channel", *(name for name in MEASURES if name != "channel_count"))
LINEAGE = {
    WRITES: {
        "dimension": (),
        "name": GROUPS,
        **{name: (f"gold.customer_profile.{name}",) for name in OWN},
        **{name: (f"gold.behaviour_clusters.{name}",) for name in FEATURES},
        "channel_count": ("gold.customer_profile.channels",),
        "clv_total": ("gold.customer_profile.clv_365d",),
        "clv_share": ("gold.customer_profile.clv_365d",),
        "spend_share": ("gold.customer_profile.spend",),
        "customer_count": (*GROUPS, "gold.customer_profile.customer_id"),
        "share": (*GROUPS, "gold.customer_profile.customer_id"),
        "buyer_count": (*GROUPS, "gold.customer_profile.order_count"),
        "*": (
            *(f"gold.customer_profile.{name}" for name in MEASURES if name != "channel_count"),
            *(f"gold.behaviour_clusters.{name}" for name in FEATURES),
        ),
    }
}


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    """Describe every group against the average customer."""
    groups = lake.fetch(groups_query())  # some dozens of groups
    rows = profiles(groups.to_pylist())
    lake.publish(WRITES, rows, run_date)
    if not rows.num_rows:
        lake.note(WRITES, "no customers are known yet")


def queries(conf: Conf, run_date: date, _profile: Profile) -> Iterator[Query]:
    """All queries of this job."""
    yield groups_query()


def groups_query() -> Query:
    """Figures of every group."""
    figures = ", ".join(f"{name} DOUBLE, {name}_deviation DOUBLE" for name in COMPARED)
    counts = "dimension STRING, name STRING, customer_count BIGINT, buyer_count BIGINT"
    money = "spend DECIMAL(18,2), clv_total DECIMAL(18,2)"
    words = "favourite_category STRING, favourite_channel STRING"
    return Query(groups_sql(), TABLES, answers=f"{counts}, {money}, {figures}, {words}")


def groups_sql() -> str:
    """Per dimension and name: customers, their spend and worth, and mean and deviation of each measure, over TABLES.

    The dimension 'everyone' has one group of all customers.
    """
    measures = ", ".join(f"{sql} AS {name}" for name, sql in MEASURES.items())
    behaviour = ", ".join(f"b.{name}" for name in FEATURES)
    figures = ", ".join(f"avg(c.{n}) AS {n}, stddev_pop(c.{n}) AS {n}_deviation" for n in COMPARED)
    placed = " UNION ALL ".join(
        f"SELECT '{dimension}' AS dimension, {name} AS name, customer_id FROM {table} WHERE {name} IS NOT NULL"
        for dimension, name, table in (
            ("everyone", "'all customers'", "{customer_profile}"),
            ("rfm_segment", "rfm_segment", "{customer_profile}"),
            ("state", "state", "{customer_profile}"),
            ("cluster", "cluster", "{behaviour_clusters}"),
            ("segment", "segment", "{segments}"),
        )
    )
    return f"""
    WITH customers AS (
        SELECT p.customer_id, p.spend, p.clv_365d AS worth, p.order_count AS orders, p.favourite_category,
               p.favourite_channel, {measures}, {behaviour}
        FROM {{customer_profile}} p LEFT JOIN {{behaviour_clusters}} b ON p.customer_id = b.customer_id),
    members AS ({placed}),
    sums AS (
        SELECT m.dimension, m.name, count(*) AS customer_count, count(CASE WHEN c.orders > 0 THEN 1 END) AS buyer_count,
               CAST(sum(c.spend) AS DECIMAL(18,2)) AS spend, CAST(sum(c.worth) AS DECIMAL(18,2)) AS clv_total,
               {figures}
        FROM members m JOIN customers c ON m.customer_id = c.customer_id GROUP BY m.dimension, m.name),
    favourites AS ({favourite("favourite_category")} UNION ALL {favourite("favourite_channel")})
    SELECT s.*, t.value AS favourite_category, h.value AS favourite_channel
    FROM sums s
    LEFT JOIN favourites t ON s.dimension = t.dimension AND s.name = t.name AND t.what = 'favourite_category'
    LEFT JOIN favourites h ON s.dimension = h.dimension AND s.name = h.name AND h.what = 'favourite_channel'"""


def favourite(column: str) -> str:
    """The most frequent favourite of each group; of equal ones the first in the alphabet."""
    return f"""
        SELECT dimension, name, '{column}' AS what, value FROM (
            SELECT m.dimension, m.name, c.{column} AS value,
                   row_number() OVER (PARTITION BY m.dimension, m.name ORDER BY count(*) DESC, c.{column}) AS place
            FROM members m JOIN customers c ON m.customer_id = c.customer_id WHERE c.{column} IS NOT NULL
            GROUP BY m.dimension, m.name, c.{column}) counted WHERE place = 1"""


def profiles(groups: list[dict[str, Any]]) -> pa.Table:
    """gold.segment_profile from the answer of `groups_sql`."""
    everyone = next((group for group in groups if group["dimension"] == "everyone"), None)
    rows = [row(group, everyone) for group in groups] if everyone else []
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def row(group: Mapping[str, Any], everyone: Mapping[str, Any]) -> dict[str, Any]:
    """One group against everyone."""
    apart = differences(group, everyone)
    furthest = sorted(apart, key=lambda name: (-abs(apart[name]), name))[:TOLD]
    named = {name: value for name, value in apart.items() if abs(value) >= NAMED_APART}
    words = profile(named, group, everyone) if named else "no orders" if not group["buyer_count"] else "like everyone"
    copied = (
        "dimension",
        "name",
        "customer_count",
        "buyer_count",
        "spend",
        "clv_total",
        "favourite_category",
        "favourite_channel",
        *COMPARED,
    )
    return {
        **{name: group[name] for name in copied},
        "share": group["customer_count"] / everyone["customer_count"],
        "spend_share": part(group["spend"], everyone["spend"]),
        "clv_share": part(group["clv_total"], everyone["clv_total"]),
        "profile": words,
        "sets_apart": [
            {
                "measure": name,
                "group_mean": plain(group[name], 6),
                "customer_mean": plain(everyone[name], 6),
                "difference": plain(apart[name]),
            }
            for name in furthest
        ],
    }


def differences(group: Mapping[str, Any], everyone: Mapping[str, Any]) -> dict[str, float]:
    """Standard deviations by which the group's mean is above everyone's, by measure; without what is not known."""
    by_feature = {}
    for name in (name for name in COMPARED if name not in SAME):
        mean, usual, deviation = group[name], everyone[name], everyone[f"{name}_deviation"]
        if mean is not None and deviation and math.isfinite(deviation):
            by_feature[name] = (mean - usual) / deviation
    return by_feature


def part(amount: Any, whole: Any) -> float | None:
    """One amount by another; None without either."""
    return float(amount) / float(whole) if amount is not None and whole else None


SCHEMA = pa.schema(
    {
        "dimension": pa.string(),
        "name": pa.string(),
        "customer_count": pa.int64(),
        "share": pa.float64(),
        "buyer_count": pa.int64(),
        "spend": pa.decimal128(18, 2),
        "spend_share": pa.float64(),
        "clv_total": pa.decimal128(18, 2),
        "clv_share": pa.float64(),
        "favourite_category": pa.string(),
        "favourite_channel": pa.string(),
        "profile": pa.string(),
        **dict.fromkeys(COMPARED, pa.float64()),
        "sets_apart": pa.list_(
            pa.struct(
                {
                    "measure": pa.string(),
                    "group_mean": pa.float64(),
                    "customer_mean": pa.float64(),
                    "difference": pa.float64(),
                }
            )
        ),
    }
)
