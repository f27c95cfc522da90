"""Which pairs of accounts explain a customer: those that hold it together, and the nearest that do not belong."""

from jobs.identity.explaining.kept_facts import Facts, Row, ends, texts

NEAREST = 5  # customers that nearly were the same are shown up to this number


def strongest(pairs: list[Row], decisions: list[Row], own: list[str]) -> list[Row]:
    """The pairs that hold a customer: what a steward joined, then the strongest that connect what is still apart.

    For each account its strongest pair is among them (a spanning tree of greatest weight; Kruskal 1956).
    """
    inside = [p for p in pairs if set(own).issuperset(ends(p))]
    known = {ends(p) for p in inside}
    joined = [row for row in decisions if row["decision"] == "same" and set(own).issuperset(ends(row))]
    inside += [_unscored(row) for row in joined if ends(row) not in known]
    decided_pairs = set(map(ends, joined))
    inside.sort(key=lambda p: (ends(p) not in decided_pairs, -(p["match_weight"] or 0.0), *ends(p)))
    group = {account: account for account in own}
    held = []
    for pair in inside:
        one, other = (group[account] for account in ends(pair))
        if one != other:
            held.append(pair)
            group = {account: one if label == other else label for account, label in group.items()}
    return held


def nearest(facts: Facts, pairs: list[Row], decisions: list[Row], own: set[str]) -> list[Row]:
    """The strongest pair with each other customer, the nearest few; each with that customer's id."""
    outside = [p for p in pairs if not own.issuperset(ends(p))]
    known = {ends(p) for p in outside}
    kept_apart = [row for row in decisions if row["decision"] == "never" and ends(row) not in known]
    outside += [_unscored(row) for row in kept_apart if not own.issuperset(ends(row))]
    others = {account for p in outside for account in ends(p)} - own
    mapped = (
        {
            row["account_id"]: row["customer_id"]
            for row in facts.rows(
                "identity.customer_map", "account_id, customer_id", f"account_id IN ({texts(others)})"
            )
        }
        if others
        else {}
    )
    best: dict[str, Row] = {}
    for pair in sorted(outside, key=lambda p: (-(p["match_weight"] or 0.0), *ends(p))):
        other = mapped.get(next(account for account in ends(pair) if account not in own), "")
        best.setdefault(other, {**pair, "other": other})
    return list(best.values())[:NEAREST]


def _unscored(decision: Row) -> Row:
    return {"match_weight": None, "match_probability": None, "match_rule": "steward decision", **decision}
