"""What customers said and answered before an as-of date: contacts, responses, complaints, ratings, coupons, moves.

Rows of other tables than the purchases: what a company does not have stays NULL, and so does what its exports had not
begun to tell by the as-of date; only what they tell of nobody is 0.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from jobs.models.churn.more_features import over
from jobs.models.churn.parts import Part
from lakehouse.sql.literal import in_query_listed

WINDOW = 84  # part of the contract: the columns carry it in their names
TABLES = {
    "interactions": "silver.interactions",
    "redemptions": "silver.coupon_redemptions",
    "feedback": "silver.feedback",
    "moves": "gold.segment_history",
}
KINDS = ("contact", "response", "complaint", "redemption", "rating", "move")
TYPES = {
    "contacts_84d": "INT",
    "responses_84d": "INT",
    "response_share_84d": "DOUBLE",
    "response_recency_days": "INT",
    "complaints_84d": "INT",
    "complaint_recency_days": "INT",
    "rating_mean": "DOUBLE",
    "rating_last": "DOUBLE",
    "redemptions_84d": "INT",
    "redemptions_per_shopping_day": "DOUBLE",
    "segment_moves_84d": "INT",
}


def part(known_until: date, types: Mapping[str, Sequence[str]], kept: str = "") -> Part:
    """What those tables say.

    Args:
        kept: a further condition on e.customer_id and d, beginning with AND.
    """
    steps = {"events": events_sql(known_until, types), "signals": sums_sql(kept), "begun": begun_sql(types)}
    joins = "LEFT JOIN signals g ON g.customer_id = s.customer_id AND g.as_of = s.as_of CROSS JOIN begun b"
    return Part(columns(), steps, joins)


def begun_sql(types: Mapping[str, Sequence[str]]) -> str:
    """One row: since when each kind is told of at all."""
    texts = {kind: f"(SELECT min(occurred_date) FROM {{interactions}} WHERE {_of(types[kind])})" for kind in types}
    texts["redemption"] = "(SELECT min(redeemed_date) FROM {redemptions})"
    texts["rating"] = "(SELECT min(given_date) FROM {feedback} WHERE rating IS NOT NULL)"
    texts["move"] = "(SELECT min(valid_from) FROM {moves})"
    return "SELECT " + ", ".join(f"{texts[kind]} AS {kind}_from" for kind in KINDS)


def _of(types: Sequence[str]) -> str:
    return f"interaction_type IN ({in_query_listed(types)})" if types else "false"


def events_sql(known_until: date, types: Mapping[str, Sequence[str]]) -> str:
    """customer_id, event_date, kind, event_count, rating (the day's mean): what happened before `known_until`.

    Args:
        types: contact, response and complaint -> the interaction types that are one.
    """
    until = f"< DATE '{known_until}'"
    told = " ".join(f"WHEN {_of(types[kind])} THEN '{kind}'" for kind in types)
    listed = [one for kind in types for one in types[kind]]
    return f"""
    SELECT customer_id, event_date, kind, count(*) AS event_count, avg(rating) AS rating FROM (
    SELECT m.customer_id, e.event_date, e.kind, e.rating FROM (
        SELECT account_id, occurred_date AS event_date, CASE {told} END AS kind, CAST(NULL AS DOUBLE) AS rating
        FROM {{interactions}} WHERE {_of(listed)} AND occurred_date {until}
        UNION ALL SELECT account_id, redeemed_date, 'redemption', CAST(NULL AS DOUBLE)
        FROM {{redemptions}} WHERE redeemed_date {until}
        UNION ALL SELECT account_id, given_date, 'rating', CAST(rating AS DOUBLE)
        FROM {{feedback}} WHERE rating IS NOT NULL AND given_date {until}) e
    JOIN {{customer_map}} m ON m.account_id = e.account_id
    UNION ALL
    SELECT customer_id, valid_from, 'move', CAST(NULL AS DOUBLE) FROM (
        SELECT coalesce(current_customer_id, customer_id) AS customer_id, valid_from, min(valid_from) OVER (
               PARTITION BY coalesce(current_customer_id, customer_id)) AS first_from FROM {{moves}}) placed
    WHERE valid_from > first_from AND valid_from {until}) each_one
    GROUP BY customer_id, event_date, kind"""


def counted(condition: str) -> str:
    """Events that the condition holds for."""
    return f"CAST(sum(CASE WHEN {condition} THEN event_count ELSE 0 END) AS BIGINT)"


def sums_sql(kept: str = "") -> str:
    """Per customer and as-of date, over `events` and {origins}.

    Args:
        kept: a further condition on e.customer_id and d, beginning with AND.
    """

    def late(kind: str) -> str:
        return counted(f"kind = '{kind}' AND age_days <= {WINDOW}")

    return f"""
    SELECT customer_id, as_of, {", ".join(f"{late(kind)} AS {kind}_count" for kind in KINDS)},
           {counted("kind = 'redemption'")} AS all_redemptions,
           min(CASE WHEN kind = 'response' THEN age_days END) AS response_age,
           min(CASE WHEN kind = 'complaint' THEN age_days END) AS complaint_age,
           sum(rating * event_count) / sum(CASE WHEN rating IS NOT NULL THEN event_count END) AS rating_mean,
           min_by(rating, CASE WHEN kind = 'rating' THEN age_days END) AS rating_last
    FROM (SELECT e.customer_id, e.kind, e.event_count, e.rating, d.as_of, datediff(d.as_of, e.event_date) AS age_days
          FROM events e JOIN {{origins}} d ON e.event_date < d.as_of AND e.event_date >= d.first_day{kept}) aged
    GROUP BY customer_id, as_of"""


def columns() -> dict[str, str]:
    """Column -> expression over the sums g, the customer's s and `begun` b; NULL where nothing was told yet."""

    def told(kind: str, value: str) -> str:
        return f"CASE WHEN b.{kind}_from < s.as_of THEN {value} END"

    def count(kind: str) -> str:
        return told(kind, f"CAST(coalesce(g.{kind}_count, 0) AS INT)")

    return {
        "contacts_84d": count("contact"),
        "responses_84d": count("response"),
        "response_share_84d": f"CASE WHEN {over('g.response_count', 'g.contact_count')} > 1 THEN 1.0 "
        f"ELSE {over('g.response_count', 'g.contact_count')} END",
        "response_recency_days": "CAST(g.response_age AS INT)",
        "complaints_84d": count("complaint"),
        "complaint_recency_days": "CAST(g.complaint_age AS INT)",
        "rating_mean": "g.rating_mean",
        "rating_last": "g.rating_last",
        "redemptions_84d": count("redemption"),
        "redemptions_per_shopping_day": told(
            "redemption", "CAST(coalesce(g.all_redemptions, 0) AS DOUBLE) / s.day_count"
        ),
        "segment_moves_84d": count("move"),
    }
