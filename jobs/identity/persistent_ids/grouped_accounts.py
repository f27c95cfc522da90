"""Tonight's groups of accounts, from pairs, keys and decisions.

Tables of the engine that it looks at, beside those of touched.py: new_evidence, recent_decisions.
"""

from dataclasses import dataclass

import pyarrow as pa

from jobs.identity.grouping import cannot_link, clusters, deterministic, groups, relatives, touched
from jobs.identity.grouping.touched import Reach
from jobs.identity.matching.engines import Engine, Table
from jobs.identity.persistent_ids.scored_pairs import ScoredPairs
from jobs.identity.settings.identity import Settings

LABELLED = pa.schema(
    [(name, pa.string()) for name in ("account_id", "cluster", "other", "doubt")] + [("weight", pa.float64())]
)


@dataclass(frozen=True)
class Grouping:
    """Tables of who is together.

    clusters: account_id, cluster; accounts without a pair may be missing.
    review_candidates: account_id_left, account_id_right, doubt, weight (bits).
    edges: account_id_left, account_id_right, match_weight, edge_type of the pairs and decisions that were looked at.
    """

    clusters: Table
    review_candidates: Table
    edges: Table


def group(engine: Engine, conf: Settings, pairs: ScoredPairs, is_held: bool, only_touched: bool) -> Grouping:
    """Group accounts by pairs and decisions.

    Args:
        is_held: accounts without new evidence start in last night's groups.
        only_touched: accounts that nothing new can reach keep last night's group without being looked at.
    """
    certain = _is_certain(engine, pairs.keys.trust)
    joining = f"(match_weight >= {conf.clustering.join_weight_bits} OR {certain})"
    reach = touched.accounts(engine, pairs.table, joining) if only_touched else None
    weighed = relatives.weighed(engine, conf, pairs.table, pairs.columns)
    edges = engine.table("edges", _edges(weighed.pairs, certain, reach))
    settled = engine.table("settled_accounts", _settled(pairs.table))
    labelled = _labelled(engine, conf, edges, engine.table("facts", _facts(conf, edges, settled, is_held)))
    together = engine.table("clusters", f"SELECT account_id, cluster FROM {labelled} WHERE doubt IS NULL")
    candidates = engine.table(
        "review_candidates",
        "SELECT account_id AS account_id_left, other AS account_id_right, doubt, weight "
        f"FROM {labelled} WHERE doubt IS NOT NULL UNION ALL {_relatives(labelled, weighed.questions)}",
    )
    if reach is not None:
        together = touched.clusters(engine, together, reach)
        candidates = touched.review_candidates(engine, candidates, reach)
    return Grouping(together, candidates, edges)


def _relatives(labelled: Table, questions: Table) -> str:
    """SQL: pairs that look like one person and stayed apart; what grouping asks about already is asked once."""
    return f"""
        SELECT q.account_id_left, q.account_id_right, q.doubt, q.weight FROM {questions} q
        JOIN {labelled} l ON q.account_id_left = l.account_id AND l.doubt IS NULL
        JOIN {labelled} r ON q.account_id_right = r.account_id AND r.doubt IS NULL
        LEFT JOIN {labelled} d ON q.account_id_left = d.account_id AND q.account_id_right = d.other
        LEFT JOIN decisions x ON q.account_id_left = x.account_id_left AND q.account_id_right = x.account_id_right
            AND x.withdrawn_on IS NULL AND x.decision IN ('same', 'never')
        WHERE l.cluster <> r.cluster AND d.account_id IS NULL AND x.account_id_left IS NULL"""


def _labelled(engine: Engine, conf: Settings, edges: Table, facts: Table) -> Table:
    """LABELLED: in this process, or by Spark where the edges are too many to be collected."""
    count = int(engine.fetch(f"SELECT count(*) AS n FROM {edges}").to_pylist()[0]["n"])
    of_edges, of_facts = f"SELECT * FROM {edges}", f"SELECT * FROM {facts}"
    if count > conf.clustering.collect_up_to_pairs:
        many = clusters.of_many_edges(engine.frame(of_edges), engine.frame(of_facts), conf)
        return engine.table_of("labelled", many)
    grouped = groups.grouped(engine.fetch(of_edges).to_pandas(), engine.fetch(of_facts).to_pandas(), conf)
    rows = clusters.as_rows(grouped.labels, grouped.review_candidates)
    return engine.table_of("labelled", pa.Table.from_pandas(rows, LABELLED, preserve_index=False))


def _is_certain(engine: Engine, trust: Table) -> str:
    """SQL: whether a key that is certain holds the pair."""
    certain = ", ".join(f"'{name}'" for name in deterministic.certain_rules(engine, trust)) or "''"
    return f"match_rule IN ({certain})"


def _edges(pairs: Table, certain: str, reach: Reach | None) -> str:
    """SQL: account_id_left, account_id_right, match_weight, edge_type of pairs and decisions."""
    edge_type = f"CASE WHEN {certain} THEN '{groups.CERTAIN}' ELSE '{groups.PAIR}' END AS edge_type"
    columns = f"account_id_left, account_id_right, match_weight, {edge_type}"
    of_pairs = f"SELECT {columns} FROM {pairs}" if reach is None else touched.inside(columns, pairs, reach)
    return f"""
        {of_pairs}
        UNION ALL SELECT d.account_id_left, d.account_id_right, CAST(0 AS DOUBLE), d.decision
        FROM decisions d JOIN cleaned l ON d.account_id_left = l.account_id
        JOIN cleaned r ON d.account_id_right = r.account_id
        WHERE d.withdrawn_on IS NULL AND d.decision IN ('same', 'never')"""


def _settled(pairs: Table) -> str:
    """SQL: account_id of customers that nothing but another key of an account stirs, their own or a neighbour's.

    Such an account regroups nobody: its customer and those that it might fit start as they were.
    """
    near = " UNION ".join(
        f"SELECT p.account_id_{end} AS account_id FROM {pairs} p JOIN nothing_new n "
        f"ON p.account_id_{side} = n.account_id"
        for side, end in (("left", "right"), ("right", "left"))
    )
    news = (
        "SELECT account_id FROM new_evidence UNION SELECT account_id_left FROM recent_decisions "
        "UNION SELECT account_id_right FROM recent_decisions"
    )
    stirred, stirring = (
        f"SELECT DISTINCT p.customer_id FROM previous p JOIN ({accounts}) a ON p.account_id = a.account_id"
        for accounts in (f"SELECT account_id FROM nothing_new UNION {near}", news)
    )
    return (
        f"SELECT p.account_id FROM previous p JOIN ({stirred}) s ON p.customer_id = s.customer_id "
        f"LEFT JOIN ({stirring}) e ON p.customer_id = e.customer_id WHERE e.customer_id IS NULL"
    )


def _facts(conf: Settings, edges: Table, settled: Table, is_held: bool) -> str:
    """SQL: of each account of the edges what cannot-link rules look at, and the group that it starts in."""
    stays = "p.customer_id IS NOT NULL AND n.account_id IS NULL AND d.account_id IS NULL"
    stays = stays if is_held else "s.account_id IS NOT NULL"
    named = "".join(f", c.{name}" for name in cannot_link.fields(conf.evidence))
    return f"""
        SELECT c.account_id, c.channel, CASE WHEN {stays} THEN p.customer_id END AS held_id{named}
        FROM cleaned c JOIN (
            SELECT account_id_left AS account_id FROM {edges} UNION SELECT account_id_right FROM {edges}) t
        ON c.account_id = t.account_id LEFT JOIN previous p ON c.account_id = p.account_id
        LEFT JOIN new_evidence n ON c.account_id = n.account_id LEFT JOIN (
            SELECT account_id_left AS account_id FROM recent_decisions
            UNION SELECT account_id_right FROM recent_decisions) d ON c.account_id = d.account_id
        LEFT JOIN {settled} s ON c.account_id = s.account_id"""
