"""Why two accounts are one customer, or two, in words."""

from jobs.identity.explaining.kept_facts import Facts, Row, ends, text
from jobs.identity.settings.identity import Settings


def why_joined(pair: Row, decisions: list[Row]) -> str:
    """Why the pair's accounts are one customer."""
    return _decided(pair, decisions) or f"they met by {pair['match_rule']}"


def why_not(facts: Facts, pair: Row, own: list[str], pairs: list[Row], decisions: list[Row], settings: Settings) -> str:
    """Why the pair's customers are two."""
    decided, bounds = _decided(pair, decisions), settings.clustering
    if decided:
        return decided
    weight = pair["match_weight"]
    if weight < bounds.join_weight_bits:
        return f"too weak: {weight:.1f} bits, {bounds.join_weight_bits:g} are needed"
    condition = (
        f"account_id_left = {text(pair['account_id_left'])} AND account_id_right = {text(pair['account_id_right'])}"
    )
    review = facts.rows("identity.review_queue", "reason", condition)
    if review:
        return f"waits for a steward: {review[0]['reason']}"
    theirs = {
        r["account_id"]
        for r in facts.rows("identity.customer_map", "account_id", f"customer_id = {text(pair['other'])}")
    }
    if len(own) + len(theirs) > bounds.largest_cluster:
        return f"together they would have more than {bounds.largest_cluster} accounts"
    between = [
        min(p["match_weight"], bounds.most_weight_bits)
        for p in pairs
        if set(ends(p)) & theirs and set(ends(p)) & set(own)
    ]
    possible = len(own) * len(theirs)
    mean = (sum(between) + bounds.unlinked_weight_bits * (possible - len(between))) / possible
    return (
        f"these two accounts alone would be one person, but the customers' {possible} pairs of accounts have "
        f"{mean:.1f} bits on average, {bounds.join_weight_bits:g} are needed"
    )


def _decided(pair: Row, decisions: list[Row]) -> str:
    for row in decisions:
        if ends(row) == ends(pair):
            decision = {"same": "one person", "never": "never one person"}.get(row["decision"], row["decision"])
            return f"a steward said: {decision} ({row['steward']}, {row['decided_on']})"
    return ""
