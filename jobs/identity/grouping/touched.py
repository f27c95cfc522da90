"""Which accounts a night may move: everybody else stays in the group of last night, with the same questions.

Groups are made inside components of what joins: strong pairs, keys that are certain, decisions. A component can only
come out otherwise where it has, or had last night, an account that is new, changed or gone, or that a steward decided
on. A few rounds over what joins, as of tonight and as of last night, find all accounts of those components.
"""

from dataclasses import dataclass

from jobs.identity.matching.engines import Engine, Table

MOST_ROUNDS = 50  # a component is a person and what is near: its diameter is a handful
SIDES = (("left", "right"), ("right", "left"))


@dataclass(frozen=True)
class Reach:
    """Tables of account_id: accounts whose group may be another than last night; the same with those that are gone."""

    touched: Table
    reached: Table


def accounts(engine: Engine, pairs: Table, joining: str) -> Reach | None:
    """The accounts whose group may be another than last night; None where components are too long to follow.

    Args:
        pairs: account_id_left, account_id_right, and what the condition asks for: as of tonight.
        joining: SQL condition, by which a pair may join two groups.

    Tables of the engine:
        changed, new_evidence  account_id: new and changed accounts
        cleaned                account_id: all that there are
        previous               account_id, customer_id: last night's map
        decisions              account_id_left, account_id_right, decision: also those that were withdrawn
        pairs_before           as `pairs`, as of last night
    """
    stirring = engine.table("stirring", _stirring())
    reached = frontier = engine.table("moved", _moved(stirring))
    joins = engine.table("joins", _joins(stirring, pairs, joining))
    for _ in range(MOST_ROUNDS):
        frontier = engine.table("frontier", _next(frontier, joins, reached))
        if not engine.fetch(f"SELECT 1 AS one FROM {frontier} LIMIT 1").num_rows:
            touched = f"SELECT r.account_id FROM {reached} r JOIN cleaned c ON r.account_id = c.account_id"
            return Reach(engine.table("touched", touched), reached)
        both = f"SELECT account_id FROM {reached} UNION ALL SELECT account_id FROM {frontier}"
        reached = engine.table("reached", both)
    return None


def _stirring() -> str:
    """SQL: where change starts.

    Decisions are few, and one that was back-dated must be seen, too: all of them start again every night.
    """
    decided = " ".join(
        f"UNION SELECT account_id_{side} FROM decisions WHERE decision IN ('same', 'never')" for side, _ in SIDES
    )
    return (
        "SELECT account_id FROM changed UNION SELECT account_id FROM new_evidence UNION "
        "SELECT p.account_id FROM previous p LEFT JOIN cleaned c ON p.account_id = c.account_id "
        f"WHERE c.account_id IS NULL {decided}"
    )


def _moved(stirring: Table) -> str:
    """SQL: where change starts, and all that were customers together with it."""
    return (
        f"SELECT account_id FROM {stirring} UNION "
        "SELECT p.account_id FROM previous p JOIN (SELECT DISTINCT q.customer_id FROM previous q "
        f"JOIN {stirring} s ON q.account_id = s.account_id) t ON p.customer_id = t.customer_id"
    )


def _joins(stirring: Table, pairs: Table, joining: str) -> str:
    """SQL: what holds accounts together tonight, or held those that change starts at last night."""
    both = "account_id_left, account_id_right"
    before = " UNION ".join(
        f"SELECT {both} FROM pairs_before JOIN {stirring} ON account_id = account_id_{side} WHERE {joining}"
        for side, _ in SIDES
    )
    return (
        f"SELECT {both} FROM {pairs} WHERE {joining} UNION {before} "
        f"UNION SELECT {both} FROM decisions WHERE decision = 'same'"
    )


def _next(frontier: Table, joins: Table, reached: Table) -> str:
    """SQL: accounts that one more step reaches."""
    steps = [
        f"SELECT j.account_id_{there} AS account_id FROM {joins} j JOIN {frontier} f "
        f"ON j.account_id_{here} = f.account_id"
        for here, there in SIDES
    ]
    return (
        f"SELECT s.account_id FROM ({' UNION '.join(steps)}) s LEFT JOIN {reached} r ON s.account_id = r.account_id "
        "WHERE r.account_id IS NULL"
    )


def inside(columns: str, pairs: Table, reach: Reach) -> str:
    """SQL: pairs whose two accounts are touched."""
    return (
        f"SELECT {columns} FROM {pairs} JOIN {reach.touched} l ON account_id_left = l.account_id "
        f"JOIN {reach.touched} r ON account_id_right = r.account_id"
    )


def clusters(engine: Engine, grouped: Table, reach: Reach) -> Table:
    """account_id, cluster of all: `grouped` where touched, else last night's group.

    Args:
        grouped: account_id, cluster of touched accounts that have pairs.
    """
    return engine.table(
        "clusters",
        f"""
        SELECT account_id, cluster FROM {grouped} UNION ALL
        SELECT account_id, min(account_id) OVER (PARTITION BY customer_id) AS cluster FROM (
            SELECT p.account_id, p.customer_id FROM previous p
            LEFT JOIN {reach.reached} t ON p.account_id = t.account_id WHERE t.account_id IS NULL) same""",
    )


def review_candidates(engine: Engine, candidates: Table, reach: Reach) -> Table:
    """account_id_left, account_id_right, doubt, weight of all.

    `candidates` where touched, else those of last night, which `pairs_before` has as doubt and doubt_bits.
    """
    return engine.table(
        "review_candidates",
        f"""
        SELECT account_id_left, account_id_right, doubt, weight FROM {candidates} UNION ALL
        SELECT p.account_id_left, p.account_id_right, p.doubt, p.doubt_bits FROM pairs_before p
        LEFT JOIN {reach.reached} l ON p.account_id_left = l.account_id
        LEFT JOIN {reach.reached} r ON p.account_id_right = r.account_id
        WHERE p.doubt IS NOT NULL AND l.account_id IS NULL AND r.account_id IS NULL""",
    )
