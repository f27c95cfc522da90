"""Texts compared by the weight of the words they share: the cosine of TF-IDF vectors, in SQL.

Source: Cohen, Ravikumar and Fienberg, A comparison of string distance metrics for name-matching tasks (2003).
"""

from collections.abc import Sequence

from jobs.identity.matching.lanes import Lane


def make_tokens(lane: Lane, source: str, fields: Sequence[str]) -> None:
    """Make `tokens`: rid, field, token, weight (of a vector of length 1), rank (1: the rarest word of the text).

    A word that stands in one text only is no key, and ranks last.
    """
    words = " UNION ALL ".join(
        f"SELECT rid, '{name}' AS field, {lane.exploded(name)} AS token FROM {source} WHERE {name} IS NOT NULL"
        for name in fields
    )
    lane.make(
        "words",
        f"SELECT rid, field, token, count(*) AS n FROM ({words}) w WHERE token <> '' GROUP BY rid, field, token",
    )
    lane.make("word_texts", "SELECT field, token, count(*) AS texts FROM words GROUP BY field, token")
    lane.make(
        "tokens",
        f"""
        SELECT rid, field, token, raw / sqrt(sum(raw * raw) OVER (PARTITION BY rid, field)) AS weight,
               row_number() OVER (PARTITION BY rid, field ORDER BY CASE WHEN texts > 1 THEN 0 ELSE 1 END, texts, token)
               AS rank
        FROM (SELECT w.rid, w.field, w.token, t.texts, (1 + ln(w.n)) * ln(1 + a.texts * 1.0 / t.texts) AS raw
              FROM words w JOIN word_texts t ON w.field = t.field AND w.token = t.token
              CROSS JOIN (SELECT count(*) AS texts FROM {source}) a) weighed""",
    )


def make_cosines(lane: Lane, pairs: str, fields: Sequence[str]) -> None:
    """Make `cosine_<field>`: rid_l, rid_r, cosine (0 to 1); no row for a pair without a common word."""
    for name in fields:
        chosen = f"(SELECT rid, token, weight FROM tokens WHERE field = '{name}')"
        lane.make(
            f"cosine_{name}",
            f"SELECT p.rid_l, p.rid_r, sum(a.weight * b.weight) AS cosine FROM {pairs} p "
            f"JOIN {chosen} a ON p.rid_l = a.rid JOIN {chosen} b ON p.rid_r = b.rid AND a.token = b.token "
            "GROUP BY p.rid_l, p.rid_r",
        )
