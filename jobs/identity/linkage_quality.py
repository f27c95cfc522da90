"""Identity: how each night's linkage went: pairs, customers by size, changed ids, how right it says it is, what waits.

Reads   identity.customer_map, identity.match_pairs, identity.customer_id_ledger, identity.linkage_models,
        identity.comparisons, identity.review_queue
Writes  identity.linkage_quality, one row per night

Nothing here needs a truth: match probabilities are odds that a trained model stands behind, so that their sums are
expected numbers of true pairs; two accounts that a third holds together are as sure as the way over it. How many true
pairs weigh too little to be seen the model has learned with its parameters (found_share.py).
"""

from collections.abc import Iterator
from datetime import date

from jobs.identity.matching.expectations import FOUND
from jobs.identity.matching.found_share import LEAST_TOLD
from jobs.identity.persistent_ids.review_order import CHANCE, OF_A_RULE
from lakehouse.config.layers import Conf, Profile
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query

READS = (
    "identity.customer_map",
    "identity.match_pairs",
    "identity.customer_id_ledger",
    "identity.linkage_models",
    "identity.comparisons",
    "identity.review_queue",
)
WRITES = "identity.linkage_quality"
DEPENDS_ON_RUN_DATE = True  # a night on which nothing changed has its row, too
NAMES = ("customer_map", "match_pairs", "ledger", "models", "comparisons", "review_queue")
TABLES = dict(zip(NAMES, READS, strict=True))
EVENTS = {"created": ("created",), "merged": ("merged",), "split": ("split",), "retired": ("retired", "erased")}
EVEN_ODDS = 0.5
LINEAGE = {WRITES: {"run_date": ()}}


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    """Measure this night; other nights' rows stay."""
    lake.publish(WRITES, lake.rows(quality_query(run_date), 1), run_date)


def queries(conf: Conf, run_date: date, _profile: Profile) -> Iterator[Query]:
    """All queries of this job."""
    yield quality_query(run_date)


def quality_query(run_date: date) -> Query:
    """The night's row."""
    return Query(quality_sql(run_date), TABLES, steps(run_date), answers=WRITES)


def steps(run_date: date) -> dict[str, str]:
    """sizes: accounts of each customer; the others have one row each."""
    events = ", ".join(
        f"count(CASE WHEN event IN ({', '.join(repr(e) for e in kinds)}) THEN 1 END) AS {name}_count"
        for name, kinds in EVENTS.items()
    )
    return {
        "sizes": "SELECT customer_id, CAST(count(*) AS INT) AS account_count FROM {customer_map} GROUP BY customer_id",
        "by_size": "SELECT account_count, count(*) AS customer_count FROM {sizes} GROUP BY account_count",
        "customers": """
            SELECT count(*) AS customer_count, CAST(coalesce(sum(account_count), 0) AS BIGINT) AS account_count,
                   CAST(coalesce(sum(CAST(account_count AS BIGINT) * (account_count - 1) / 2), 0) AS DOUBLE)
                       AS inside_pairs
            FROM {sizes}""",
        "ends": """
            SELECT p.account_id_left, p.account_id_right, p.match_probability, p.doubt,
                   l.customer_id = r.customer_id AS is_joined, least(l.customer_id, r.customer_id) AS one_customer,
                   greatest(l.customer_id, r.customer_id) AS other_customer
            FROM {match_pairs} p JOIN {customer_map} l ON p.account_id_left = l.account_id
            JOIN {customer_map} r ON p.account_id_right = r.account_id""",
        "kept_apart": f"""
            SELECT one_customer, other_customer, min({_share_of_a_doubt()}) AS share FROM {{ends}}
            WHERE NOT is_joined AND doubt IS NOT NULL GROUP BY one_customer, other_customer""",
        "both_ends": """
            SELECT e.account_id_left, e.account_id_right, e.is_joined,
                   e.match_probability * CASE WHEN e.is_joined THEN 1.0D ELSE coalesce(k.share, 1.0D) END
                       AS match_probability,
                   e.match_probability AS weighed
            FROM {ends} e LEFT JOIN {kept_apart} k
            ON e.one_customer = k.one_customer AND e.other_customer = k.other_customer""",
        "kept": f"""
            SELECT count(*) AS pairs_kept, count(CASE WHEN is_joined THEN 1 END) AS pairs_joined,
                   coalesce(sum(CASE WHEN NOT is_joined THEN match_probability END), 0.0D) AS expected_apart,
                   coalesce(sum(CASE WHEN weighed >= {EVEN_ODDS} THEN match_probability END), 0.0D)
                       AS expected_seen
            FROM {{both_ends}}""",
        "ways": """
            SELECT account_id_left AS one, account_id_right AS other, match_probability FROM {both_ends}
            WHERE is_joined
            UNION ALL SELECT account_id_right, account_id_left, match_probability FROM {both_ends} WHERE is_joined""",
        "inside": """
            SELECT coalesce(sum(probability), 0.0D) AS expected_joined
            FROM (SELECT one, other, max(probability) AS probability
                  FROM (SELECT one, other, match_probability AS probability FROM {ways}
                        UNION ALL SELECT x.one, y.other, x.match_probability * y.match_probability
                        FROM {ways} x JOIN {ways} y ON x.other = y.one) w
                  WHERE one < other GROUP BY one, other) s""",
        "churned": f"SELECT {events} FROM {{ledger}} WHERE run_date = DATE '{run_date}'",
        "work": f"""
            SELECT coalesce(max(pairs_compared), 0) AS pairs_compared FROM {{comparisons}}
            WHERE run_date = DATE '{run_date}'""",
        "waiting": "SELECT count(*) AS review_backlog FROM {review_queue}",
        "newest": f"""
            SELECT max(trained_on) AS model_trained_on,
                   CAST(max_by(get_json_object(model, '$.expected.{FOUND}'), trained_on) AS DOUBLE) AS found_share
            FROM {{models}} WHERE trained_on <= DATE '{run_date}'""",
    }


def _share_of_a_doubt() -> str:
    """SQL: how often a pair that its weight would have joined is one person all the same, by what kept it apart."""
    cases = " ".join(f"WHEN '{doubt}' THEN {share}D" for doubt, share in CHANCE.items())
    return f"CASE doubt {cases} ELSE {OF_A_RULE}D END"


def quality_sql(run_date: date) -> str:
    """One row, over the steps."""
    churn = ", ".join(f"e.{name}_count" for name in EVENTS)
    return f"""
        SELECT DATE '{run_date}' AS run_date, c.account_count, c.customer_count,
               (SELECT array_sort(collect_list(struct(account_count AS account_count,
                       customer_count AS customer_count))) FROM {{by_size}}) AS customers_by_size,
               w.pairs_compared, k.pairs_kept, k.pairs_joined, {churn},
               i.expected_joined / nullif(c.inside_pairs, 0.0D) AS estimated_precision,
               CASE WHEN coalesce(n.found_share, 1.0D) >= {LEAST_TOLD} THEN i.expected_joined / nullif(greatest(
                   i.expected_joined + k.expected_apart, k.expected_seen / coalesce(n.found_share, 1.0D)), 0.0D)
               END AS estimated_recall,
               n.model_trained_on, q.review_backlog
        FROM {{customers}} c CROSS JOIN {{kept}} k CROSS JOIN {{inside}} i CROSS JOIN {{churned}} e
        CROSS JOIN {{work}} w CROSS JOIN {{newest}} n CROSS JOIN {{waiting}} q"""
