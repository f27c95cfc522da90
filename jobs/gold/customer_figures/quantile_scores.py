"""Scores 1 to n by where a value stands among all customers, or by cuts that a steward gives: SQL for both engines."""

from collections.abc import Sequence


def scores_sql(values: str, cuts: str) -> str:
    """`value, score` of every different value: 1 up to the first cut, one more for each cut below it.

    Args:
        values: a query or table of one column `value`; NULLs get no score.
        cuts: a query for `cut`, one row each.
    """
    return f"""
        SELECT v.value, CAST(1 + sum(CASE WHEN c.cut < v.value THEN 1 ELSE 0 END) AS INT) AS score
        FROM (SELECT DISTINCT value FROM {values} WHERE value IS NOT NULL) v CROSS JOIN ({cuts}) c GROUP BY v.value"""


def equal_cuts(values: str, score_count: int) -> str:
    """`cut`: the cuts between `score_count` equal shares of the values, interpolated as percentiles are.

    The work is over the different values, so that one of many rows costs no more than one of few. Equal input gives
    equal cuts, in any order and any number of partitions.
    """
    if score_count < 2:
        return given_cuts(())
    shares = ", ".join(f"({k})" for k in range(1, score_count))
    return f"""
        SELECT low + (high - low) * (position - floor(position)) AS cut FROM (
            SELECT k, position, min(CASE WHEN upto > floor(position) THEN value END) AS low,
                   min(CASE WHEN upto > ceil(position) THEN value END) AS high
            FROM (SELECT k, value, upto, (everyone - 1) * k / CAST({score_count:d} AS DOUBLE) AS position
                  FROM (SELECT value, sum(n) OVER (ORDER BY value) AS upto, sum(n) OVER () AS everyone
                        FROM (SELECT value, count(*) AS n FROM {values} WHERE value IS NOT NULL GROUP BY value) counted
                       ) reached CROSS JOIN (SELECT k FROM (VALUES {shares}) AS t(k)) shares) placed
            GROUP BY k, position) bounds"""


def given_cuts(numbers: Sequence[float]) -> str:
    """`cut`: the numbers of the configuration; none at all is a cut that no value passes."""
    if not numbers:
        return "SELECT CAST(NULL AS DOUBLE) AS cut"
    rows = ", ".join(f"(CAST({float(number)!r} AS DOUBLE))" for number in numbers)
    return f"SELECT cut FROM (VALUES {rows}) AS t(cut)"


def three_digits(amount: str) -> str:
    """An amount (SQL of a double) cut to its first three digits, so that few different values are left."""
    unit = f"power(10.0, floor(log10(greatest(abs({amount}), 0.01))) - 2)"
    return f"round(floor({amount} / {unit}) * {unit}, 4)"
