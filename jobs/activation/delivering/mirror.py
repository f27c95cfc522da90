"""Mirror: the receiver is to hold just the rows of tonight, by what the receipts say that it holds.

A receipt and the cursor are one row: the last `put` or `remove` of a row that was sent is what the receiver holds. A
hand-over that was begun and has no answer (`tried`) may or may not have been taken: such a row counts as held, with a
content that nobody knows, until something about it is sent. So does one that was refused (`dead`): an earlier try of it
may have been taken, and a receiver may well refuse what it has.

Operations on a row are numbered (`generation`), and the number is part of the key by which a receiver drops what it has
seen. An operation keeps its number only while it is the last one of its row: content A, then B, then A again are three,
also where none of them was answered, or the receiver would drop the last as the first and keep B.
"""

from jobs.activation.settings.destinations import Destination
from lakehouse.sql.literal import in_query_literal

MARK = "\x1f"
STEPS = {
    "operations": """
        SELECT row_key, operation, content_hash, generation, message_key,
               max(CASE WHEN state = 'sent' THEN 1 ELSE 0 END) AS was_sent,
               max(run_date) AS run_date, max(customer_id) AS customer_id, max(account_id) AS account_id,
               max(channel) AS channel, max(kind) AS kind, max(name) AS name, max(content) AS content
        FROM {known} WHERE row_key IS NOT NULL AND state <> 'skipped'
        GROUP BY row_key, operation, content_hash, generation, message_key""",
    "reached": """
        SELECT row_key, max(CASE WHEN was_sent = 1 THEN generation ELSE 0 END) AS generation
        FROM {operations} GROUP BY row_key""",
    "cursor": """
        SELECT r.row_key, r.generation,
               max(CASE WHEN o.was_sent = 1 AND o.generation = r.generation AND o.operation = 'put' THEN 1 ELSE 0 END)
                   AS is_held,
               max(CASE WHEN o.was_sent = 0 AND o.generation > r.generation THEN 1 ELSE 0 END) AS is_unsure,
               max(CASE WHEN o.was_sent = 1 AND o.generation = r.generation AND o.operation = 'put'
                        THEN o.content_hash END) AS content_hash,
               max(o.run_date) AS run_date, max(o.customer_id) AS customer_id, max(o.account_id) AS account_id,
               max(o.channel) AS channel, max(o.kind) AS kind, max(o.name) AS name, max(o.content) AS content
        FROM {reached} r JOIN {operations} o ON o.row_key = r.row_key GROUP BY r.row_key, r.generation""",
    "latest": """
        SELECT o.row_key, o.generation, max(o.operation) AS operation, max(o.content_hash) AS content_hash,
               count(*) AS operation_count
        FROM {operations} o
        JOIN (SELECT row_key, max(generation) AS generation FROM {operations} GROUP BY row_key) n
          ON n.row_key = o.row_key AND n.generation = o.generation
        GROUP BY o.row_key, o.generation""",
    "puts": """
        SELECT s.*,
               coalesce(l.generation, 0) + CASE WHEN l.operation_count = 1 AND l.operation = 'put'
                                                 AND l.content_hash = s.content_hash THEN 0 ELSE 1 END AS generation,
               coalesce(c.is_held = 1 AND c.is_unsure = 0 AND c.content_hash = s.content_hash, false) AS is_same
        FROM {standing} s LEFT JOIN {cursor} c ON c.row_key = s.row_key
        LEFT JOIN {latest} l ON l.row_key = s.row_key""",
    "removals": """
        SELECT c.*, coalesce(s.refused, 'not_in_night') AS refused,
               l.generation + CASE WHEN l.operation_count = 1 AND l.operation = 'remove' THEN 0 ELSE 1 END AS number
        FROM {cursor} c JOIN {latest} l ON l.row_key = c.row_key
        LEFT JOIN {standing} s ON s.row_key = c.row_key
        WHERE (c.is_held = 1 OR c.is_unsure = 1) AND coalesce(s.refused, 'not_in_night') <> ''""",
}


def keys_sql(name: str, destination: Destination) -> str:
    """row_key, by which the receiver knows the row; content_hash, of all that it sees of it."""
    row = _hashed(in_query_literal(name), "d.kind", "d.name", "d.occasion", "d.account_id")
    seen = ("d.customer_id", "d.channel", "d.purpose", "d.content", "coalesce(d.item, '')")
    fields = (f"coalesce(g.{field}, '')" for field in destination.fields)
    return f"{row} AS row_key, {_hashed(*seen, *fields)} AS content_hash"


def sql(columns: tuple[str, ...]) -> str:
    """Removals, then rows that are new or changed, then those that may not go and that the receiver does not hold.

    Args:
        columns: of a message, `refused` the last.
    """
    known = {"run_date", "customer_id", "account_id", "channel", "kind", "name", "content"}
    empty = {"occasion": "''", "refused": "''"}
    gone = ", ".join(
        f"r.{name}" if name in known else f"{empty.get(name, f'CAST(NULL AS {_type(name)})')} AS {name}"
        for name in columns
    )
    kept = ", ".join(f"p.{name}" for name in columns)
    key_of_removal = _hashed("r.row_key", "'remove'", "CAST(r.number AS STRING)")
    key_of_put = _hashed("p.row_key", "'put'", "p.content_hash", "CAST(p.generation AS STRING)")
    return f"""
    SELECT q.*, k.message_key IS NOT NULL OR q.is_same AS is_done, true AS was_tried FROM (
        SELECT {gone}, {key_of_removal} AS message_key, 'remove' AS operation, r.row_key,
               CAST(NULL AS STRING) AS content_hash, CAST(r.number AS INT) AS generation, r.refused AS why,
               false AS is_same, 0 AS place
        FROM {{removals}} r
        UNION ALL
        SELECT {kept}, {key_of_put} AS message_key, 'put' AS operation, p.row_key, p.content_hash,
               CAST(p.generation AS INT) AS generation, '' AS why, p.is_same, 1 AS place
        FROM {{puts}} p LEFT JOIN {{removals}} x ON x.row_key = p.row_key WHERE x.row_key IS NULL) q
    LEFT JOIN (SELECT DISTINCT message_key FROM {{known}} WHERE state IN ('sent', 'dead')) k
      ON k.message_key = q.message_key
    ORDER BY q.place, q.row_key"""


def _type(column: str) -> str:
    return "TIMESTAMP" if column in ("send_from", "send_until") else "STRING"


def _hashed(*parts: str) -> str:
    return f"sha2(concat_ws('{MARK}', {', '.join(parts)}), 256)"
