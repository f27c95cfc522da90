"""One place per customer: the parts of an address survive together, from accounts that describe the same place.

A part of another place never completes an address; among accounts of one place the parts are spellings of the same
thing and may correct each other. SQL for both engines, as named steps (lakehouse/lake/queries.py).
"""

from jobs.identity.settings.golden_customers import PARTS as PARTS
from lakehouse.sql.literal import in_query_listed, in_query_literal

SLIPS = {4: 1, 5: 2}  # texts of at least so many letters may differ by so many edits and still be meant alike


def place_steps(
    rules: tuple[str, ...],
    verified: tuple[str, ...],
    trust: dict[str, float],
    unmeasured: float,
    same_place_share: float,
) -> dict[str, str]:
    """From `named` to `placed`: the same with is_base (its place is the customer's) and is_of_place.

    Args:
        rules: which account's place is the customer's, the most important rule first.
        verified: channels that check addresses.
        trust: how often a channel is right, where declared; else `unmeasured`.
        same_place_share: two accounts describe one place when of the parts that both tell this share is alike.
    """
    keys = {
        "verified": "max(is_verified)",
        "most_frequent": "count(*)",
        "most_recent": "max(recency)",
        "longest": "max(own_parts)",
        "most_trusted": "max(trust)",
    }
    order = ", ".join(f"{keys[rule]} DESC" for rule in rules if rule in keys)
    return {
        "addressed": _addressed(verified, trust, unmeasured),
        "neighbours": _neighbours(same_place_share),
        "bases": f"""
            SELECT customer_id, account_id FROM (
                SELECT customer_id, account_id, row_number() OVER (PARTITION BY customer_id
                       ORDER BY {order}, max(own_recency) DESC, account_id) AS turn
                FROM neighbours GROUP BY customer_id, account_id) r
            WHERE turn = 1""",
        "placed": """
            SELECT n.*, coalesce(n.account_id = b.account_id, FALSE) AS is_base, m.other_id IS NOT NULL AS is_of_place
            FROM named n LEFT JOIN bases b ON n.customer_id = b.customer_id
            LEFT JOIN neighbours m ON m.account_id = b.account_id AND m.other_id = n.account_id""",
    }


def _addressed(verified: tuple[str, ...], trust: dict[str, float], unmeasured: float) -> str:
    checked = in_query_listed(verified) if verified else ""
    declared = " ".join(f"WHEN {in_query_literal(name)} THEN {share}" for name, share in trust.items())
    filled_parts = " + ".join(f"CASE WHEN {name} IS NULL THEN 0 ELSE 1 END" for name in PARTS)
    texts = ", ".join(f"lower(replace({name}, ' ', '')) AS {name}" for name in PARTS)
    return f"""
        SELECT customer_id, account_id, recency, {texts}, {filled_parts} AS own_parts,
               CASE WHEN {f"channel IN ({checked})" if checked else "FALSE"} THEN 1 ELSE 0 END AS is_verified,
               {f"CASE channel {declared} ELSE {unmeasured} END" if declared else unmeasured} AS trust
        FROM named WHERE coalesce({", ".join(PARTS)}) IS NOT NULL"""


def _neighbours(same_place_share: float) -> str:
    """Pairs of accounts of a customer that describe one place, each with itself too; the facts are the other's.

    Two that tell no part in common do not contradict each other.
    """
    both = [(f"a.{name}", f"b.{name}") for name in PARTS]
    known = " + ".join(f"CASE WHEN {a} IS NOT NULL AND {b} IS NOT NULL THEN 1 ELSE 0 END" for a, b in both)
    near = " + ".join(f"CASE WHEN {alike(a, b)} THEN 1 ELSE 0 END" for a, b in both)
    facts = ("a.own_parts", "a.recency AS own_recency", "b.recency", "b.is_verified", "b.trust")
    return f"""
        SELECT a.customer_id, a.account_id, b.account_id AS other_id, {", ".join(facts)}
        FROM addressed a JOIN addressed b ON a.customer_id = b.customer_id
        WHERE ({near}) >= {float(same_place_share)}D * ({known})"""


def alike(a: str, b: str) -> str:
    """Whether two texts are the same, or one a slip of the other."""
    slips = [f"(length({a}) >= {letters} AND levenshtein({a}, {b}) <= {edits})" for letters, edits in SLIPS.items()]
    return f"{a} = {b} OR " + " OR ".join(slips)
