"""A night's people inside a lane: evidence, groups, ids, reasons. It reads and writes tables of the lane only.

Tables in, beside those of ids.py:
    cleaned           with source_hash (of the fields as exported), record_hash (of the cleaned ones)
    previous          with both hashes
    decisions         identity.steward_decisions
    pairs_before      identity.match_pairs, with what was doubtful last night
    listed            identity.pending_model_changes
    asked             identity.review_queue
Tables out: pairs (`told_pairs` is what is kept of them), assigned, events, moved, review, pending, crowds, compared
(pairs: how many the model weighed).

Only accounts that something new can reach are grouped anew (touched.py); everybody is on the first night, while another
model than last night's waits or was applied, and where a value that vetoes look at became too common, or no longer is.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from jobs.identity.grouping import clusters, deterministic, groups, touched, vetoes
from jobs.identity.matching import linkage, twins
from jobs.identity.matching.lanes import Lane
from jobs.identity.persistent_ids import evidence, ids, model_changes, review
from jobs.identity.settings.identity import Settings

PAIR_FIELDS = "account_id_left, account_id_right, match_rule, match_weight, match_probability, model"
LABELLED = pa.schema(
    [(name, pa.string()) for name in ("account_id", "cluster", "other", "doubt")] + [("weight", pa.float64())]
)


@dataclass(frozen=True)
class Model:
    """The match model of a night; `settings` is None while there are too few records to learn from."""

    name: str
    settings: dict[str, Any] | None


def look(lane: Lane, conf: Settings, columns: list[str]) -> None:
    """Make `changed` (to be compared anew) and `news` (evidence), and take too common values out of `cleaned`.

    An account that only our own cleaning reads differently is compared anew, but it is no evidence.
    """
    lane.make(
        "changed",
        "SELECT c.account_id FROM cleaned c LEFT JOIN previous p ON c.account_id = p.account_id "
        "WHERE p.account_id IS NULL OR coalesce(c.record_hash, '') <> coalesce(p.record_hash, '')",
    )
    lane.make(
        "news",
        "SELECT c.account_id FROM cleaned c LEFT JOIN previous p ON c.account_id = p.account_id "
        "WHERE p.account_id IS NULL OR c.source_hash <> coalesce(p.source_hash, c.source_hash)",
    )
    deterministic.without_crowds(lane, conf, columns)


def night(
    lane: Lane,
    conf: Settings,
    run_date: date,
    model: Model,
    columns: list[str],
    decided_since: date,
    is_as_before: bool,
) -> str:
    """Make tonight's tables; returns what became of a change of model, in words ("" where there was none).

    Args:
        model: tonight's; pairs that another model scored are kept until the change is applied.
        columns: of `cleaned`.
        decided_since: decisions from this day on may be new to the customers.
        is_as_before: the model was in force last night, and was trained by this code and configuration.
    """
    conf = conf.replace(clustering=linkage.clustering(conf.clustering, model.settings or {}))
    lane.make("recent_decisions", _recent_decisions(decided_since))
    is_first = _count(lane, "pairs_before") == 0
    compared = score(lane, conf, model, columns, only_new=not is_first)
    lane.make("compared", f"SELECT CAST({compared} AS BIGINT) AS pairs")
    is_held = not is_first and model_changes.is_another(lane, model.name)
    knows_last_night = is_as_before and not is_first and not is_held and not _count(lane, "listed")
    values = _vetoes_changed(lane, conf)
    _group(lane, conf, is_held, only_touched=knows_last_night and not values)
    ids.assign(lane, run_date)
    lane.make("pending", "SELECT * FROM listed WHERE 1 = 0")
    change = model_changes.Change("", "")
    if is_held and model_changes.is_due(lane, conf, run_date, model.name):
        change = _other_model(lane, conf, run_date, model, columns)
    elif is_held:
        change = model_changes.waiting(lane, model.name)
    model_change = change.reason or (f"first model, {model.name}" if is_first else "")
    evidence.explain(lane, run_date, model_change, "" if is_first else values)
    review.queue(lane, conf, run_date)
    return change.note


def _recent_decisions(decided_since: date) -> str:
    """SQL: decisions that may be new, by their day or because last night's map does not follow them.

    A decision that was taken after a night that failed half way has the day of the night before.
    """
    unheeded = (
        "d.withdrawn_on IS NULL AND ((d.decision = 'same' AND l.customer_id <> r.customer_id) "
        "OR (d.decision = 'never' AND l.customer_id = r.customer_id))"
    )
    return (
        "SELECT d.* FROM decisions d LEFT JOIN previous l ON d.account_id_left = l.account_id "
        "LEFT JOIN previous r ON d.account_id_right = r.account_id WHERE d.decision IN ('same', 'never') AND "
        f"(coalesce(d.withdrawn_on, d.decided_on) >= DATE '{decided_since}' OR ({unheeded}))"
    )


def _other_model(lane: Lane, conf: Settings, run_date: date, model: Model, columns: list[str]) -> model_changes.Change:
    """Regroup everybody with the new model, list what that changes, and keep it only if it may be applied."""
    for table in ("pairs", "clusters", "doubts"):
        lane.make(f"present_{table}", f"SELECT * FROM {table}")
    compared = score(lane, conf, model, columns, only_new=False)
    lane.make("compared", f"SELECT pairs + {compared} AS pairs FROM compared")
    _group(lane, conf, is_held=False, only_touched=False)
    change = model_changes.judge(lane, conf, run_date, model.name)
    if not change.reason and not change.is_none:
        for table in ("pairs", "clusters", "doubts"):
            lane.make(table, f"SELECT * FROM present_{table}")
    ids.assign(lane, run_date)
    return change


def score(lane: Lane, conf: Settings, model: Model, columns: list[str], only_new: bool) -> int:
    """Make `pairs`: tonight's scores and keys, and last night's of accounts that are as they were; pairs compared."""
    compared = 0
    if only_new:
        _make_kept(lane)
    if model.settings is None:
        lane.make(
            "scored",
            "SELECT account_id AS account_id_left, account_id AS account_id_right, "
            "CAST(0 AS DOUBLE) AS match_weight, CAST(0 AS DOUBLE) AS match_probability, '' AS match_rule "
            "FROM cleaned WHERE 1 = 0",
        )
    else:
        has_twins = only_new and _found_twins(lane, model.name, model.settings)
        compared = linkage.score(lane, model.settings, conf.clustering.keep_weight_bits, only_new, has_twins)
    deterministic.make_key_pairs(lane, conf, columns, only_new)
    tonight = f"SELECT h.*, '{model.name}' AS model FROM ({deterministic.held()}) h"
    if only_new:
        tonight += f" UNION ALL SELECT {PAIR_FIELDS} FROM kept"
    lane.make("pairs", tonight)
    return compared


def _make_kept(lane: Lane) -> None:
    """Make `kept`: last night's pairs of accounts that are as they were."""
    lane.make(
        "as_they_were",
        "SELECT a.account_id AS unchanged FROM cleaned a "
        "LEFT JOIN changed c ON a.account_id = c.account_id WHERE c.account_id IS NULL",
    )
    lane.make(
        "kept",
        f"SELECT {PAIR_FIELDS} FROM pairs_before JOIN as_they_were x ON account_id_left = x.unchanged "
        "JOIN as_they_were y ON account_id_right = y.unchanged",
    )


def _found_twins(lane: Lane, name: str, model: dict[str, Any]) -> bool:
    """Make `twins`, where the pairs of those that they equal are tonight's model's; whether there are any.

    A value that became too common has gone from an account's fields: such an account is nobody's model.
    """
    if lane.fetch(f"SELECT 1 AS one FROM kept WHERE model <> '{name}' LIMIT 1").num_rows:
        return False
    channels = lane.fetch("SELECT channel FROM sources ORDER BY channel")["channel"].to_pylist()
    twins.find(lane, model, channels, unfit="SELECT account_id FROM in_crowds")
    return _count(lane, "twins") > 0


def told_pairs() -> str:
    """SQL of identity.match_pairs: the pairs, and which of them a steward should look at."""
    names = ", ".join(f"p.{name}" for name in PAIR_FIELDS.split(", "))
    return (
        f"SELECT {names}, d.doubt, d.weight AS doubt_bits FROM pairs p LEFT JOIN doubts d "
        "ON p.account_id_left = d.account_id_left AND p.account_id_right = d.account_id_right"
    )


def _vetoes_changed(lane: Lane, conf: Settings) -> str:
    """Why accounts without news have other facts than last night; "" where they have none.

    A value of theirs became too common, or no longer is. The same account stands for the same value as long as it is
    unchanged.
    """
    reasons = [review.crowd_reason(field) for field in vetoes.fields(conf.evidence)]
    named = ", ".join(f"'{reason}'" for reason in reasons) or "''"
    now = f"SELECT {review.crowd_reason_of('field')} AS reason, account_id FROM crowds"
    now = f"SELECT reason, account_id FROM ({now}) x WHERE reason IN ({named})"
    before = f"SELECT reason, account_id_left AS account_id FROM asked WHERE subject = 'value' AND reason IN ({named})"
    asked = (
        f"{now} EXCEPT {before}",
        f"{before} EXCEPT {now}",
        f"SELECT n.account_id FROM ({now}) n JOIN changed c ON n.account_id = c.account_id",
    )
    changed = any(lane.fetch(f"SELECT 1 AS one FROM ({sql}) x LIMIT 1").num_rows for sql in asked)
    fields = ", ".join(sorted(vetoes.fields(conf.evidence)))
    return f"a value ({fields}) became too common to prove anything, or no longer is" if changed else ""


def _group(lane: Lane, conf: Settings, is_held: bool, only_touched: bool) -> None:
    """Make `clusters` and `doubts` from pairs and decisions.

    Args:
        is_held: accounts without news start in last night's groups.
        only_touched: accounts that nothing new can reach keep last night's group without being looked at.
    """
    only_touched = only_touched and touched.accounts(lane, _joining(lane, conf))
    _make_ties(lane, conf, only_touched)
    _make_facts(lane, conf, is_held)
    if _count(lane, "ties") <= conf.clustering.collect_up_to_pairs:
        found = groups.grouped(
            lane.fetch("SELECT * FROM ties").to_pandas(), lane.fetch("SELECT * FROM facts").to_pandas(), conf
        )
        rows = clusters.as_rows(found.labels, found.doubts)
        lane.put("labelled", pa.Table.from_pandas(rows, LABELLED, preserve_index=False))
    else:
        ties, facts = lane.frame("SELECT * FROM ties"), lane.frame("SELECT * FROM facts")
        lane.load("labelled", clusters.of_many_ties(ties, facts, conf))
    lane.make("clusters", "SELECT account_id, cluster FROM labelled WHERE doubt IS NULL")
    lane.make(
        "doubts",
        "SELECT account_id AS account_id_left, other AS account_id_right, doubt, weight "
        "FROM labelled WHERE doubt IS NOT NULL",
    )
    if only_touched:
        lane.make("clusters_of_touched", "SELECT * FROM clusters")
        lane.make("doubts_of_touched", "SELECT * FROM doubts")
        touched.clusters(lane, "clusters_of_touched")
        touched.doubts(lane, "doubts_of_touched")


def _joining(lane: Lane, conf: Settings) -> str:
    """SQL: whether a pair alone may join two groups."""
    return f"(match_weight >= {conf.clustering.join_weight_bits} OR {_is_certain(lane)})"


def _is_certain(lane: Lane) -> str:
    certain = ", ".join(f"'{name}'" for name in deterministic.certain_rules(lane)) or "''"
    return f"match_rule IN ({certain})"


def _make_ties(lane: Lane, conf: Settings, only_touched: bool) -> None:
    """Make `ties`: account_id_left, account_id_right, match_weight, bond of pairs and decisions."""
    bond = f"CASE WHEN {_is_certain(lane)} THEN '{groups.CERTAIN}' ELSE '{groups.PAIR}' END AS bond"
    columns = f"account_id_left, account_id_right, match_weight, {bond}"
    pairs = touched.inside(columns, "pairs") if only_touched else f"SELECT {columns} FROM pairs"
    lane.make(
        "ties",
        f"""
        {pairs}
        UNION ALL SELECT d.account_id_left, d.account_id_right, CAST(0 AS DOUBLE), d.decision
        FROM decisions d JOIN cleaned l ON d.account_id_left = l.account_id
        JOIN cleaned r ON d.account_id_right = r.account_id
        WHERE d.withdrawn_on IS NULL AND d.decision IN ('same', 'never')""",
    )


def _make_facts(lane: Lane, conf: Settings, is_held: bool) -> None:
    """Make `facts`: of each account of the ties what vetoes look at, and the group that it starts in."""
    stays = "p.customer_id IS NOT NULL AND n.account_id IS NULL AND d.account_id IS NULL" if is_held else "1 = 0"
    named = "".join(f", c.{name}" for name in vetoes.fields(conf.evidence))
    lane.make(
        "facts",
        f"""
        SELECT c.account_id, c.channel, CASE WHEN {stays} THEN p.customer_id END AS held_id{named}
        FROM cleaned c JOIN (
            SELECT account_id_left AS account_id FROM ties UNION SELECT account_id_right FROM ties) t
        ON c.account_id = t.account_id LEFT JOIN previous p ON c.account_id = p.account_id
        LEFT JOIN news n ON c.account_id = n.account_id LEFT JOIN (
            SELECT account_id_left AS account_id FROM recent_decisions
            UNION SELECT account_id_right FROM recent_decisions) d ON c.account_id = d.account_id""",
    )


def _count(lane: Lane, table: str) -> int:
    return int(lane.fetch(f"SELECT count(*) AS n FROM {table}").to_pylist()[0]["n"])
