"""Identity: how complete and how right customer data were as channels had them, and are in the golden record.

Reads   silver.customers, identity.customer_map, identity.golden_customers
Writes  identity.accounts_before_after, one row per night, attribute and channel ('*' for all)

How complete is counted. How right is estimated without a truth, from the golden record's own confidence; the
benchmark benchmarks/golden.py holds the estimate against known truth.
"""

from collections.abc import Iterator
from datetime import date

from jobs.identity.golden.names import account_values_sql
from jobs.identity.golden.survivorship import MATCH_KEY
from jobs.identity.settings.golden_customers import ATTRIBUTES
from lakehouse.config.layers import Conf, Profile
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query

READS = ("silver.customers", "identity.customer_map", "identity.golden_customers")
WRITES = "identity.accounts_before_after"
TABLES = dict(zip(("customers", "customer_map", "golden"), READS, strict=True))
MOST_ROWS = 100_000  # attributes times channels: far fewer
LINEAGE = {WRITES: {"run_date": (), "attribute": ()}}


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    """Measure this night; other nights' rows stay."""
    lake.publish(WRITES, lake.rows(before_after_query(run_date), MOST_ROWS), run_date)


def queries(conf: Conf, run_date: date, _profile: Profile) -> Iterator[Query]:
    """All queries of this job."""
    yield before_after_query(run_date)


def before_after_query(run_date: date) -> Query:
    """The night's rows."""
    return Query(before_after_sql(run_date), TABLES, steps(), answers=WRITES)


def steps() -> dict[str, str]:
    """stated_values, kept: what accounts and golden records say, one row per attribute; expected: all that could be."""
    names = ", ".join(ATTRIBUTES)
    texts = ", ".join(f"CAST({name} AS STRING) AS {name}" for name in ATTRIBUTES)
    attributes = " UNION ALL ".join(f"SELECT '{name}' AS attribute" for name in ATTRIBUTES)
    return {
        "account_values": account_values_sql(),
        "stated_values": f"SELECT account_id, attribute, {MATCH_KEY} AS match_key "
        f"FROM {{account_values}} UNPIVOT (value FOR attribute IN ({names}))",
        "kept": f"SELECT customer_id, attribute, {MATCH_KEY} AS match_key FROM "
        f"(SELECT customer_id, {texts} FROM {{golden}}) g UNPIVOT (value FOR attribute IN ({names}))",
        "sure": "SELECT g.customer_id, s.attribute, s.confidence, s.method "
        "FROM {golden} g LATERAL VIEW explode(g.sources) t AS s",
        "expected": f"""
            SELECT m.channel, a.attribute, t.match_key AS stated, k.match_key AS kept, s.confidence,
                   CASE WHEN t.match_key = k.match_key THEN s.confidence ELSE 0.0D END AS right_before,
                   CASE WHEN s.method LIKE 'filled%' THEN 1 ELSE 0 END AS is_filled
            FROM {{customer_map}} m CROSS JOIN ({attributes}) a
            LEFT JOIN {{stated_values}} t ON m.account_id = t.account_id AND a.attribute = t.attribute
            LEFT JOIN {{kept}} k ON m.customer_id = k.customer_id AND a.attribute = k.attribute
            LEFT JOIN {{sure}} s ON m.customer_id = s.customer_id AND a.attribute = s.attribute""",
    }


def before_after_sql(run_date: date) -> str:
    """One row per attribute and channel, over the steps."""
    return f"""
        SELECT DATE '{run_date}' AS run_date, attribute, coalesce(channel, '*') AS channel,
               count(*) AS account_count,
               CAST(count(stated) AS DOUBLE) / count(*) AS filled_share_before,
               CAST(count(kept) AS DOUBLE) / count(*) AS filled_share_after,
               CAST(count(CASE WHEN stated = kept THEN 1 END) AS DOUBLE) / nullif(count(stated), 0) AS agreeing_share,
               sum(CASE WHEN stated IS NOT NULL THEN right_before END) / nullif(count(stated), 0)
                   AS estimated_right_share_before,
               sum(CASE WHEN kept IS NOT NULL THEN confidence END) / nullif(count(kept), 0)
                   AS estimated_right_share_after,
               CAST(sum(is_filled) AS BIGINT) AS filled_by_method_count
        FROM {{expected}} GROUP BY GROUPING SETS ((attribute, channel), (attribute))"""
