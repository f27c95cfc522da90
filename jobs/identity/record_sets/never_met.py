"""How many right pairs blocking never met: from how often those that it met were met once and twice.

Source: Chao 1987, Estimating the population size for capture-recapture data with unequal catchability: a lower bound.
"""

from jobs.identity.matching.engines import DuckDBEngine, Table

ENOUGH = 20  # pairs that were met twice, for an estimate


def expected(engine: DuckDBEngine, keys: Table, pairs: Table, largest_block: int, from_bits: float) -> float:
    """Right pairs that no blocking rule met.

    Args:
        keys: rid, rule, key; pairs: account_id_left, account_id_right, match_weight (bits).
        from_bits: weight from which on a pair counts as right.
    """
    met = (
        f"SELECT a.rid AS rid_l, b.rid AS rid_r FROM {pairs} p JOIN numbered a ON p.account_id_left = a.account_id "
        f"JOIN numbered b ON p.account_id_right = b.account_id WHERE p.match_weight >= {from_bits}"
    )
    small = f"SELECT key FROM {keys} GROUP BY key HAVING count(*) BETWEEN 2 AND {largest_block}"
    rules = (
        f"SELECT m.rid_l, m.rid_r, count(DISTINCT l.rule) AS rules FROM ({met}) m JOIN {keys} l ON m.rid_l = l.rid "
        f"JOIN {keys} r ON m.rid_r = r.rid AND l.key = r.key JOIN ({small}) s ON l.key = s.key GROUP BY 1, 2"
    )
    (times,) = engine.fetch(
        "SELECT count(CASE WHEN rules = 1 THEN 1 END) AS once, count(CASE WHEN rules = 2 THEN 1 END) AS twice "
        f"FROM ({rules}) t"
    ).to_pylist()
    return float(times["once"] ** 2 / (2 * times["twice"])) if times["twice"] >= ENOUGH else 0.0
