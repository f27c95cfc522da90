"""Which accounts a night may move: everybody else stays in the group of last night.

Groups are made inside components of pairs that are strong enough to join. So only the components that a new, changed
or vanished account belongs to, or belonged to, can be made anew; a few rounds over the pairs find them.
"""

from jobs.identity.matching.lanes import Lane

MOST_ROUNDS = 50  # a component is a person and what is near: its diameter is a handful


def accounts(lane: Lane, join_weight_bits: float) -> None:
    """Make `touched`: account_id of every account whose group may be another than last night.

    Tables of the lane:
        changed     account_id: new and changed accounts
        cleaned     account_id: all that there are
        previous    account_id, customer_id: last night's map
        pairs       account_id_left, account_id_right, match_weight: as of tonight
    """
    lane.make("moved", "SELECT account_id FROM changed UNION SELECT p.account_id FROM previous p "
              "LEFT JOIN cleaned c ON p.account_id = c.account_id WHERE c.account_id IS NULL")  # fmt: skip
    companions = ("SELECT p.account_id FROM previous p JOIN (SELECT DISTINCT q.customer_id FROM previous q "
                  "JOIN moved m ON q.account_id = m.account_id) t ON p.customer_id = t.customer_id")  # fmt: skip
    lane.make("touched_0", f"SELECT account_id FROM moved UNION {companions}")
    before = _count(lane, 0)
    for number in range(1, MOST_ROUNDS):
        lane.make(f"touched_{number % 2}", _spread(f"touched_{(number - 1) % 2}", join_weight_bits))
        now = _count(lane, number % 2)
        if now == before:
            break
        before = now
    lane.make(
        "touched", f"SELECT t.account_id FROM touched_{number % 2} t JOIN cleaned c ON t.account_id = c.account_id"
    )


def _spread(table: str, join_weight_bits: float) -> str:
    ends = [("left", "right"), ("right", "left")]
    reached = " UNION ".join(
        f"SELECT p.account_id_{there} AS account_id FROM pairs p JOIN {table} t ON p.account_id_{here} = t.account_id "
        f"WHERE p.match_weight >= {join_weight_bits}"
        for here, there in ends
    )
    return f"SELECT account_id FROM {table} UNION {reached}"


def _count(lane: Lane, number: int) -> int:
    return int(lane.fetch(f"SELECT count(*) AS n FROM touched_{number}").to_pylist()[0]["n"])


def pairs_of_touched(lane: Lane) -> str:
    """SQL of the pairs inside the touched accounts: what is grouped anew."""
    return (
        "SELECT p.account_id_left, p.account_id_right, p.match_weight FROM pairs p "
        "JOIN touched l ON p.account_id_left = l.account_id JOIN touched r ON p.account_id_right = r.account_id"
    )


def clusters(lane: Lane, grouped: str) -> None:
    """Make `clusters` (account_id, cluster) of all: `grouped` where touched, else last night's group.

    Args:
        grouped: table with account_id, cluster of touched accounts that have pairs.
    """
    lane.make("clusters", f"""
        SELECT account_id, cluster FROM {grouped} UNION ALL
        SELECT account_id, min(account_id) OVER (PARTITION BY customer_id) AS cluster FROM (
            SELECT p.account_id, p.customer_id FROM previous p LEFT JOIN touched t ON p.account_id = t.account_id
            WHERE t.account_id IS NULL AND p.account_id IN (SELECT account_id FROM cleaned)) same""")  # fmt: skip
