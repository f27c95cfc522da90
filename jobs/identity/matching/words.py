"""Texts compared by the weight of the words they share: the cosine of TF-IDF vectors, in SQL.

Source: Cohen, Ravikumar and Fienberg, A comparison of string distance metrics for name-matching tasks (2003).
"""

from collections.abc import Sequence

from jobs.identity.matching.engines import Engine, Table


def make_tokens(engine: Engine, source: str, fields: Sequence[str]) -> None:
    """Make `tokens`: rid, field, token, weight (of a vector of length 1), rank (1: the rarest word of the text).

    A word that stands in one text only is no key, and ranks last.
    """
    words = " UNION ALL ".join(
        f"SELECT rid, '{name}' AS field, {engine.exploded(name)} AS token FROM {source} WHERE {name} IS NOT NULL"
        for name in fields
    )
    counted = engine.table(
        "words",
        f"SELECT rid, field, token, count(*) AS n FROM ({words}) w WHERE token <> '' GROUP BY rid, field, token",
    )
    texts = engine.table("word_texts", f"SELECT field, token, count(*) AS texts FROM {counted} GROUP BY field, token")
    engine.make(
        "tokens",
        f"""
        SELECT rid, field, token, raw / sqrt(sum(raw * raw) OVER (PARTITION BY rid, field)) AS weight,
               row_number() OVER (PARTITION BY rid, field ORDER BY CASE WHEN texts > 1 THEN 0 ELSE 1 END, texts, token)
               AS rank
        FROM (SELECT w.rid, w.field, w.token, t.texts, (1 + ln(w.n)) * ln(1 + a.texts * 1.0 / t.texts) AS raw
              FROM {counted} w JOIN {texts} t ON w.field = t.field AND w.token = t.token
              CROSS JOIN (SELECT count(*) AS texts FROM {source}) a) weighted""",
    )


def cosines(engine: Engine, pairs: Table, fields: Sequence[str]) -> dict[str, Table]:
    """Per field rid_l, rid_r, cosine (0 to 1); no row for a pair without a common word."""
    made = {}
    for name in fields:
        chosen = f"(SELECT rid, token, weight FROM tokens WHERE field = '{name}')"
        made[name] = engine.table(
            f"cosine_{name}",
            f"SELECT p.rid_l, p.rid_r, sum(a.weight * b.weight) AS cosine FROM {pairs} p "
            f"JOIN {chosen} a ON p.rid_l = a.rid JOIN {chosen} b ON p.rid_r = b.rid AND a.token = b.token "
            "GROUP BY p.rid_l, p.rid_r",
        )
    return made
