"""Values that follow from others: a town from its postcode, where nearly the whole company agrees."""

from jobs.identity.settings.golden_customers import Fill


def fill_steps(fill: Fill) -> dict[str, str]:
    """`filled`: `chosen` with values that follow from others, and slips corrected by them.

    Only where so many customers tell both values and nearly all of them agree. A told value gives way only when nobody
    else in the company has it and it is at most two edits from what the others say.
    """
    pairs = " ".join(f"WHEN '{to}' THEN '{source}'" for to, source in fill.from_.items())
    if not pairs:
        return {"filled": "SELECT * FROM chosen"}
    return {
        "pairs": f"""
            SELECT t.attribute, f.match_key AS from_key, t.match_key, count(*) AS customers, min(t.value) AS value
            FROM chosen t JOIN chosen f ON t.customer_id = f.customer_id
                AND f.attribute = CASE t.attribute {pairs} END
            GROUP BY t.attribute, f.match_key, t.match_key""",
        "shares": """
            SELECT *, sum(customers) OVER (PARTITION BY attribute, from_key) AS everyone FROM pairs""",
        "follows": f"""
            SELECT attribute, CASE attribute {pairs} END AS source, from_key, match_key, value,
                   CAST(customers AS DOUBLE) / everyone AS share
            FROM shares WHERE everyone >= {int(fill.least_customers)}
                AND customers >= {float(fill.least_share)}D * everyone""",
        "followed": """
            SELECT f.customer_id, w.attribute, w.match_key, w.value, f.source_account_id, 'company' AS rule,
                   w.share * f.confidence AS confidence, 9 AS spread,
                   concat(CASE WHEN t.customer_id IS NULL THEN 'filled' ELSE 'corrected' END, '_from_', w.source)
                       AS method
            FROM chosen f JOIN follows w ON f.attribute = w.source AND f.match_key = w.from_key
            LEFT JOIN chosen t ON t.customer_id = f.customer_id AND t.attribute = w.attribute
            WHERE t.customer_id IS NULL OR (t.spread = 0 AND t.match_key <> w.match_key
                AND length(t.match_key) > 4 AND levenshtein(t.match_key, w.match_key) <= 2)""",
        "filled": """
            SELECT c.* FROM chosen c LEFT JOIN followed f ON c.customer_id = f.customer_id
                AND c.attribute = f.attribute WHERE f.customer_id IS NULL
            UNION ALL SELECT * FROM followed""",
    }
