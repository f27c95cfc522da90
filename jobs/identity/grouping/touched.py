"""Which accounts a night may move: everybody else stays in the group of last night, with the same doubts.

Groups are made inside components of what joins: strong pairs, keys that are certain, decisions. A component can only
come out otherwise where it has, or had last night, an account that is new, changed or gone, or that a steward decided
on. A few rounds over what joins, as of tonight and as of last night, find all accounts of those components.
"""

from jobs.identity.matching.lanes import Lane

MOST_ROUNDS = 50  # a component is a person and what is near: its diameter is a handful
SIDES = (("left", "right"), ("right", "left"))


def accounts(lane: Lane, joining: str) -> bool:
    """Make `touched`, the accounts whose group may be another than last night; False where that may be everybody's.

    `reached` is the same with accounts that are gone. Components may be so long that everybody must be grouped anew.

    Args:
        joining: SQL condition, by which a pair may join two groups.

    Tables of the lane:
        changed, news     account_id: new and changed accounts
        cleaned           account_id: all that there are
        previous          account_id, customer_id: last night's map
        decisions         account_id_left, account_id_right, decision: also those that were withdrawn
        pairs             account_id_left, account_id_right, and what the condition asks for: as of tonight
        pairs_before      the same, as of last night
    """
    _make_moved(lane)
    _make_joins(lane, joining)
    lane.make("reached", "SELECT account_id FROM moved")
    lane.make("frontier_0", "SELECT account_id FROM moved")
    for number in range(MOST_ROUNDS):
        farther = f"frontier_{1 - number % 2}"
        lane.make(farther, _next(f"frontier_{number % 2}"))
        if not lane.fetch(f"SELECT 1 AS one FROM {farther} LIMIT 1").num_rows:
            lane.make("touched", "SELECT r.account_id FROM reached r JOIN cleaned c ON r.account_id = c.account_id")
            return True
        lane.make("reached", f"SELECT account_id FROM reached UNION ALL SELECT account_id FROM {farther}")
    return False


def _make_moved(lane: Lane) -> None:
    """Make `moved`: where change starts, and all that were customers together with it.

    Decisions are few, and one that was back-dated must be seen, too: all of them start anew every night.
    """
    decided = " ".join(
        f"UNION SELECT account_id_{side} FROM decisions WHERE decision IN ('same', 'never')" for side, _ in SIDES
    )
    lane.make(
        "stirring",
        "SELECT account_id FROM changed UNION SELECT account_id FROM news UNION "
        "SELECT p.account_id FROM previous p LEFT JOIN cleaned c ON p.account_id = c.account_id "
        f"WHERE c.account_id IS NULL {decided}",
    )
    companions = (
        "SELECT p.account_id FROM previous p JOIN (SELECT DISTINCT q.customer_id FROM previous q "
        "JOIN stirring s ON q.account_id = s.account_id) t ON p.customer_id = t.customer_id"
    )
    lane.make("moved", f"SELECT account_id FROM stirring UNION {companions}")


def _make_joins(lane: Lane, joining: str) -> None:
    """Make `joins`: what holds accounts together tonight, or held those that change starts at last night."""
    both = "account_id_left, account_id_right"
    before = " UNION ".join(
        f"SELECT {both} FROM pairs_before JOIN stirring ON account_id = account_id_{side} WHERE {joining}"
        for side, _ in SIDES
    )
    lane.make(
        "joins",
        f"SELECT {both} FROM pairs WHERE {joining} UNION {before} "
        f"UNION SELECT {both} FROM decisions WHERE decision = 'same'",
    )


def _next(frontier: str) -> str:
    """SQL: accounts that one more step reaches."""
    steps = [
        f"SELECT j.account_id_{there} AS account_id FROM joins j JOIN {frontier} f "
        f"ON j.account_id_{here} = f.account_id"
        for here, there in SIDES
    ]
    return (
        f"SELECT s.account_id FROM ({' UNION '.join(steps)}) s LEFT JOIN reached r ON s.account_id = r.account_id "
        "WHERE r.account_id IS NULL"
    )


def inside(columns: str, table: str) -> str:
    """SQL: rows of a table of pairs whose two accounts are touched."""
    return (
        f"SELECT {columns} FROM {table} JOIN touched l ON account_id_left = l.account_id "
        "JOIN touched r ON account_id_right = r.account_id"
    )


def clusters(lane: Lane, grouped: str) -> None:
    """Make `clusters` (account_id, cluster) of all: `grouped` where touched, else last night's group.

    Args:
        grouped: table with account_id, cluster of touched accounts that have pairs.
    """
    lane.make(
        "clusters",
        f"""
        SELECT account_id, cluster FROM {grouped} UNION ALL
        SELECT account_id, min(account_id) OVER (PARTITION BY customer_id) AS cluster FROM (
            SELECT p.account_id, p.customer_id FROM previous p LEFT JOIN reached t ON p.account_id = t.account_id
            WHERE t.account_id IS NULL) same""",
    )


def doubts(lane: Lane, found: str) -> None:
    """Make `doubts` (account_id_left, account_id_right, doubt, weight) of all.

    `found` where touched, else those of last night, which `pairs_before` has as doubt and doubt_bits.
    """
    lane.make(
        "doubts",
        f"""
        SELECT account_id_left, account_id_right, doubt, weight FROM {found} UNION ALL
        SELECT p.account_id_left, p.account_id_right, p.doubt, p.doubt_bits FROM pairs_before p
        LEFT JOIN reached l ON p.account_id_left = l.account_id
        LEFT JOIN reached r ON p.account_id_right = r.account_id
        WHERE p.doubt IS NOT NULL AND l.account_id IS NULL AND r.account_id IS NULL""",
    )
