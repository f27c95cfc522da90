"""Which of a customer's values survives, by declared rules: one query, the same on both engines.

Votes are counted over accounts. How often a channel is right is declared, or measured without any truth: the share of
its values that agree where votes or the whole company decide. The confidence of a survivor follows from that.

Most customers have one account: what it says survives without a vote, and only the others' values are counted.

Source: Dong, Berti-Equille and Srivastava (VLDB 2009), ACCU, for confidence from the accuracy of independent sources.
"""

from jobs.identity.golden.places import PARTS, alike, place_steps
from jobs.identity.settings.golden_customers import ATTRIBUTES, Rule, Settings, Trust
from lakehouse.sql.literal import in_query_listed, in_query_literal

WRONG_VALUES = 100  # how many different wrong values an attribute could have: ACCU's n
SCORE = f"ln({WRONG_VALUES}.0D * r.trust / (1.0D - r.trust))"
# capitals, spaces and the punctuation of numbers make no other value
MATCH_KEY = """CASE attribute WHEN 'phone' THEN regexp_replace(value, '[^0-9]', '')
                    ELSE lower(replace(value, ' ', '')) END"""
KEYS = {
    "verified": "is_verified",
    "most_frequent": "votes",
    "most_common": "spread",
    "most_trusted": "trust",
    "most_recent": "recency",
    "longest": "letters",
}


def survivor_steps(settings: Settings, junk: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Named steps from `account_values` (one row per account, see names.py) to `chosen`.

    Args:
        junk: per attribute, values (lower case, no spaces) that mean "unknown".

    Returns:
        Steps of a query; `chosen` has customer_id, attribute, match_key, value, source_account_id, rule,
        confidence, method, spread (how many powers of ten of customers tell the value).
    """
    return {
        **place_steps(
            settings.rules_of("place"),
            settings.verified.get("place", ()),
            settings.trust.channels,
            settings.trust.unmeasured,
            settings.same_place_share,
        ),
        "unknown_values": _unknown_values(junk),
        "stated_values": _stated_values(settings),
        "spreads": "SELECT attribute, match_key, CAST(ceil(log10(count(DISTINCT customer_id))) AS INT) AS spread "
        "FROM stated_values GROUP BY attribute, match_key",
        **_reliability(settings.trust),
        **_votes(settings),
        "chosen": _chosen(),
    }


def _unknown_values(junk: dict[str, tuple[str, ...]]) -> str:
    """attribute, match_key of what means "unknown"."""
    pairs = [(name, value) for name, values in junk.items() for value in values]
    rows = ", ".join(f"({in_query_literal(name)}, {in_query_literal(value)})" for name, value in pairs)
    return f"SELECT attribute, match_key FROM (VALUES {rows or '(NULL, NULL)'}) AS t(attribute, match_key)"


def _stated_values(settings: Settings) -> str:
    """What each account says: one row per attribute; of the address only what describes the customer's place."""
    names = ", ".join(ATTRIBUTES)
    parts = ", ".join(f"'{name}'" for name in PARTS)
    checks = [
        f"u.attribute = '{name}' AND channel IN ({in_query_listed(channels)})"
        for name, channels in settings.verified.items()
        if name != "place"
    ]
    checks.append("u.attribute = 'email' AND is_email_verified")
    return f"""
        SELECT u.*, CAST(CASE WHEN {" OR ".join(checks) or "FALSE"} THEN 1 ELSE 0 END AS INT) AS is_verified
        FROM (SELECT customer_id, account_id, channel, recency, is_email_verified, is_of_place, is_base, names_method,
                     is_alone, attribute, value,
                     {MATCH_KEY} AS match_key
              FROM placed UNPIVOT (value FOR attribute IN ({names}))) u
        LEFT JOIN unknown_values n ON u.attribute = n.attribute AND u.match_key = n.match_key
        WHERE n.match_key IS NULL AND u.match_key <> '' AND (is_of_place OR u.attribute NOT IN ({parts}))"""


def _reliability(trust: Trust) -> dict[str, str]:
    """How often each channel is right about each attribute, where customers have two accounts that tell it.

    The value that wins by votes, or level in votes is given by more of the company, counts as right; a customer whose
    accounts leave that open says nothing.
    """
    declared = " ".join(f"WHEN {in_query_literal(name)} THEN {float(share)}" for name, share in trust.channels.items())
    known = f"CASE t.channel {declared} END" if declared else "CAST(NULL AS DOUBLE)"
    start, weight = float(trust.unmeasured), float(trust.unmeasured_accounts)
    return {
        "first_votes": """
            SELECT t.customer_id, t.attribute, t.match_key, count(*) AS votes, s.spread,
                   sum(count(*)) OVER (PARTITION BY t.customer_id, t.attribute) AS tellers
            FROM stated_values t JOIN spreads s ON t.attribute = s.attribute AND t.match_key = s.match_key
            WHERE NOT t.is_alone GROUP BY t.customer_id, t.attribute, t.match_key, s.spread""",
        "firsts": """
            SELECT customer_id, attribute, match_key, tellers,
                   rank() OVER (PARTITION BY customer_id, attribute ORDER BY votes DESC, spread DESC) AS turn,
                   count(*) OVER (PARTITION BY customer_id, attribute, votes, spread) AS level
            FROM first_votes""",
        "trusts": f"""
            SELECT t.channel, t.attribute, coalesce(max({known}),
                   (sum(CASE WHEN t.match_key = f.match_key THEN 1.0D ELSE 0.0D END) + {start}D * {weight}D)
                   / (count(f.match_key) + {weight}D)) AS trust
            FROM stated_values t LEFT JOIN (SELECT * FROM firsts WHERE turn = 1 AND level = 1 AND tellers > 1) f
                ON t.customer_id = f.customer_id AND t.attribute = f.attribute
            GROUP BY t.channel, t.attribute""",
    }


def _votes(settings: Settings) -> dict[str, str]:
    """Values with what the rules look at, in their order."""
    lists: dict[tuple[Rule, ...], list[str]] = {}
    for name in ATTRIBUTES:
        lists.setdefault(settings.rules_of(name), []).append(name)
    longest = max(map(len, lists))
    keys = [_by_attribute(lists, [KEYS[r[i]] if i < len(r) else "0" for r in lists]) for i in range(longest)]
    names = [_by_attribute(lists, [f"'{r[i]}'" if i < len(r) else "'alphabet'" for r in lists]) for i in range(longest)]
    order = ", ".join(f"k{i} DESC" for i in range(longest))
    followed = ", ".join(f"lead(k{i}) OVER w AS next{i}" for i in range(longest))
    decided = " ".join(f"WHEN k{i} > next{i} THEN {name}" for i, name in enumerate(names))
    return {
        "trusted": """
            SELECT t.*, s.spread, least(greatest(r.trust, 0.02D), 0.98D) AS trust FROM stated_values t
            JOIN spreads s ON t.attribute = s.attribute AND t.match_key = s.match_key
            JOIN trusts r ON t.channel = r.channel AND t.attribute = r.attribute""",
        "sources": """
            SELECT *, row_number() OVER (PARTITION BY customer_id, attribute, match_key
                ORDER BY is_verified DESC, is_base DESC, trust DESC, recency DESC, account_id) AS turn
            FROM trusted WHERE NOT is_alone""",
        "counted": f"""
            SELECT customer_id, attribute, match_key, count(*) AS votes, max(spread) AS spread, max(trust) AS trust,
                   max(recency) AS recency, max(is_verified) AS is_verified, max(length(value)) AS letters,
                   sum({SCORE}) AS score, max(CASE WHEN is_base THEN 1 ELSE 0 END) AS is_base
            FROM trusted r WHERE NOT is_alone GROUP BY customer_id, attribute, match_key""",
        "echoes": f"""
            SELECT a.customer_id, a.attribute, a.match_key, max(b.recency) AS recency
            FROM counted a JOIN counted b ON a.customer_id = b.customer_id AND a.attribute = b.attribute
            WHERE {alike("a.match_key", "b.match_key")}
            GROUP BY a.customer_id, a.attribute, a.match_key""",
        "votes": """
            SELECT c.customer_id, c.attribute, c.match_key, c.votes, c.spread, c.trust, e.recency, c.is_verified,
                   c.letters, c.score, c.is_base
            FROM counted c JOIN echoes e ON c.customer_id = e.customer_id AND c.attribute = e.attribute
                AND c.match_key = e.match_key""",
        "keyed": f"""
            SELECT *, {", ".join(f"CAST({key} AS DOUBLE) AS k{i}" for i, key in enumerate(keys))},
                   max(score) OVER (PARTITION BY customer_id, attribute) AS top
            FROM votes""",
        "ranked": f"""
            SELECT *, row_number() OVER w AS turn, {followed}, count(*) OVER p AS values_stated,
                   sum(exp(score - top)) OVER p AS weight, max(is_base) OVER p AS base_tells
            FROM keyed WINDOW w AS (PARTITION BY customer_id, attribute ORDER BY {order}, match_key),
                p AS (PARTITION BY customer_id, attribute)""",
        "decided": f"""
            SELECT *, CASE WHEN values_stated = 1 THEN 'only_value' {decided} ELSE 'alphabet' END AS rule,
                   exp(score - top) / (weight + ({WRONG_VALUES}.0D - values_stated) * exp(-top)) AS confidence
            FROM ranked WHERE turn = 1""",
    }


def _by_attribute(lists: dict[tuple[Rule, ...], list[str]], values: list[str]) -> str:
    cases = " ".join(
        f"WHEN attribute IN ({in_query_listed(names)}) THEN {value}"
        for names, value in zip(lists.values(), values, strict=True)
    )
    return f"CASE {cases} END"


def _chosen() -> str:
    """The survivor in the spelling of its source: the account of the customer's place, or the most trusted one.

    Of a customer's only account each value survives; its confidence is that of one vote.
    """
    parts = ", ".join(f"'{name}'" for name in PARTS)
    names = "IN ('given_name', 'surname')"
    return f"""
        SELECT d.customer_id, d.attribute, d.match_key, s.value, s.account_id AS source_account_id, d.rule,
               d.confidence, d.spread,
               CASE WHEN d.attribute IN ({parts}) AND d.is_base = 0
                         THEN CASE WHEN d.base_tells = 1 THEN 'corrected_at_same_place' ELSE 'filled_at_same_place' END
                    WHEN d.attribute {names} THEN s.names_method ELSE 'observed' END AS method
        FROM decided d JOIN sources s ON d.customer_id = s.customer_id AND d.attribute = s.attribute
            AND d.match_key = s.match_key AND s.turn = 1
        UNION ALL
        SELECT r.customer_id, r.attribute, r.match_key, r.value, r.account_id AS source_account_id,
               'only_value' AS rule, 1.0D / (1.0D + ({WRONG_VALUES}.0D - 1) * exp(-{SCORE})) AS confidence, r.spread,
               CASE WHEN r.attribute {names} THEN r.names_method ELSE 'observed' END AS method
        FROM trusted r WHERE r.is_alone"""
