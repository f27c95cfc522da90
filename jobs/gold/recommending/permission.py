"""Who may be recommended to: nobody who refused or is excluded."""

import pyarrow as pa
import pyarrow.compute as pc

from jobs.gold.recommending.purchases import Share
from jobs.gold.settings.recommendations import Consent
from lakehouse.lake.lake import Lake
from lakehouse.sql.literal import in_query_listed, in_query_literal
from lakehouse.sql.query import Query

TABLES = {
    "customer_map": "identity.customer_map",
    "consents": "silver.consents",
    "segments": "gold.segments",
    "tags": "gold.customer_tags",
}
AGREED, NOT_ASKED = "agreed", "not_asked"


def permitted(lake: Lake, share: Share, wanted: Consent) -> pa.Table:
    """customer_id and consent of the customers of a share who may be recommended to."""
    return lake.fetch(permitted_query(share, wanted))


def permitted_query(share: Share, wanted: Consent) -> Query:
    """Who may be recommended to, of a share of the customers."""
    return Query(permitted_sql(share, wanted), TABLES, answers="customer_id STRING, consent STRING")


def permitted_sql(share: Share, wanted: Consent) -> str:
    """The same as a query for both engines; a refusal of any account counts for its customer."""
    refusals = (
        " OR ".join(f"startswith(c.purpose, {in_query_literal(begin)})" for begin in wanted.refusals_of) or "false"
    )
    agreement = "AND coalesce(s.has_agreed, false)" if wanted.needs_agreement else ""
    return f"""
    WITH said AS (
        SELECT m.customer_id, bool_or(NOT c.is_granted) AS has_refused, bool_or(c.is_granted) AS has_agreed
        FROM {{consents}} c JOIN {{customer_map}} m ON c.account_id = m.account_id
        WHERE {refusals} GROUP BY m.customer_id),
    excluded AS (
        SELECT customer_id FROM {{segments}} WHERE segment IN ({in_query_listed(wanted.excluded_segments)})
        UNION SELECT current_customer_id FROM {{tags}}
        WHERE valid_to IS NULL AND tag IN ({in_query_listed(wanted.excluded_tags)})),
    everybody AS (SELECT DISTINCT customer_id FROM {{customer_map}} WHERE {share.condition("customer_id")})
    SELECT e.customer_id, CASE WHEN s.has_agreed THEN '{AGREED}' ELSE '{NOT_ASKED}' END AS consent
    FROM everybody e LEFT JOIN said s ON e.customer_id = s.customer_id
    LEFT JOIN excluded x ON e.customer_id = x.customer_id
    WHERE NOT coalesce(s.has_refused, false) AND x.customer_id IS NULL {agreement}"""


def with_permission(rows: pa.Table, allowed: pa.Table) -> pa.Table:
    """The rows of permitted customers, with their consent."""
    place = pc.index_in(rows["customer_id"], value_set=allowed["customer_id"].combine_chunks())
    known = rows.append_column("place", place).filter(pc.is_valid(place))
    return known.append_column("consent", allowed["consent"].take(known["place"])).drop_columns("place")
