"""Gold: what each customer group is shown: how much, how new, how varied, and who is left out.

Reads   gold.recommendations, gold.customer_rfm, gold.behaviour_clusters, identity.customer_map
Writes  gold.recommendation_exposure, one row per grouping and customer group
"""

from collections.abc import Iterator
from datetime import date

from lakehouse.config.layers import Conf, Profile
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query

READS = ("gold.recommendations", "gold.customer_rfm", "gold.behaviour_clusters", "identity.customer_map")
WRITES = "gold.recommendation_exposure"
TABLES = {table.split(".")[1]: table for table in READS}
MOST_GROUPS = 1000
LINEAGE = {WRITES: {"grouping_name": ()}}


def run(lake: Lake, run_date: date, settings: Profile) -> None:
    """Count by group and publish."""
    lake.publish(WRITES, lake.rows(exposure_query(), MOST_GROUPS), run_date)


def queries(conf: Conf, run_date: date, settings: Profile) -> Iterator[Query]:
    """All queries of this job."""
    yield exposure_query()


def exposure_query() -> Query:
    """The table's rows."""
    return Query(EXPOSURE, TABLES, STEPS, answers=WRITES)


# The Gini coefficient of an item's counts: half the mean difference of two items' counts, as a share of the mean.
STEPS = {
    "everybody": "SELECT DISTINCT customer_id FROM {customer_map}",
    "groups": """
        SELECT m.customer_id, 'rfm_segment' AS grouping_name, coalesce(r.rfm_segment, 'none') AS customer_group
        FROM {everybody} m LEFT JOIN {customer_rfm} r ON m.customer_id = r.customer_id
        UNION ALL
        SELECT m.customer_id, 'behaviour_cluster' AS grouping_name, coalesce(b.cluster, 'none') AS customer_group
        FROM {everybody} m LEFT JOIN {behaviour_clusters} b ON m.customer_id = b.customer_id
        UNION ALL
        SELECT customer_id, 'all' AS grouping_name, 'all' AS customer_group FROM {everybody}""",
    "shown": """
        SELECT g.grouping_name, g.customer_group, r.customer_id, r.item, r.kind, r.is_long_tail, r.score
        FROM {groups} g JOIN {recommendations} r ON g.customer_id = r.customer_id""",
    "counted": """
        SELECT grouping_name, customer_group, item, count(*) AS shown_count,
               row_number() OVER (PARTITION BY grouping_name, customer_group ORDER BY count(*), item) AS place
        FROM {shown} GROUP BY grouping_name, customer_group, item""",
    "spread": """
        SELECT grouping_name, customer_group, count(*) AS item_count,
               CAST(sum((2 * place - 1) * shown_count) AS DOUBLE) / (count(*) * CAST(sum(shown_count) AS DOUBLE)) - 1
                   AS gini_of_exposure
        FROM {counted} GROUP BY grouping_name, customer_group""",
    "totals": """
        SELECT grouping_name, customer_group, count(*) AS recommendation_count,
               count(DISTINCT customer_id) AS served_count,
               avg(CASE WHEN kind = 'new' THEN 1.0D ELSE 0.0D END) AS new_share,
               avg(CASE WHEN kind = 'due' THEN 1.0D ELSE 0.0D END) AS due_share,
               avg(CASE WHEN is_long_tail THEN 1.0D ELSE 0.0D END) AS long_tail_share, avg(score) AS mean_score
        FROM {shown} GROUP BY grouping_name, customer_group""",
    "sizes": """
        SELECT grouping_name, customer_group, count(*) AS customer_count
        FROM {groups} GROUP BY grouping_name, customer_group""",
    "everything": "SELECT max(item_count) AS all_items FROM {spread}",
}
EXPOSURE = """
    SELECT s.grouping_name, s.customer_group, s.customer_count, coalesce(t.served_count, 0) AS served_count,
           coalesce(t.recommendation_count, 0) AS recommendation_count, t.new_share, t.due_share, t.long_tail_share,
           coalesce(p.item_count, 0) AS item_count, CAST(p.item_count AS DOUBLE) / e.all_items AS coverage,
           p.gini_of_exposure, t.mean_score
    FROM {sizes} s LEFT JOIN {totals} t ON s.grouping_name = t.grouping_name AND s.customer_group = t.customer_group
    LEFT JOIN {spread} p ON s.grouping_name = p.grouping_name AND s.customer_group = p.customer_group
    CROSS JOIN {everything} e"""
