"""A night's people inside an engine: pairs, groups, ids, reasons. It reads and makes tables of the engine only.

Tables in, beside those of ids.py and touched.py:
    accounts          with source_hash (of the fields as exported), record_hash (of the cleaned ones)
    previous          with both hashes
    pairs_before      identity.match_pairs, with what was to be reviewed last night
    listed            identity.pending_model_changes
    last_review       identity.review_queue

Only accounts that something new can reach are grouped again (touched.py); everybody is on the first night, while
another model than last night's waits or was applied, and where a value that cannot-link rules look at became too
common, or no longer is.
"""

from dataclasses import dataclass, replace
from datetime import date

from jobs.identity.grouping import cannot_link, deterministic
from jobs.identity.matching import linkage
from jobs.identity.matching.engines import Engine, Table
from jobs.identity.persistent_ids import account_keys, evidence, ids, model_changes, review
from jobs.identity.persistent_ids.grouped_accounts import Grouping, group
from jobs.identity.persistent_ids.ids import Assignment
from jobs.identity.persistent_ids.model_changes import Change
from jobs.identity.persistent_ids.scored_pairs import Matching, ScoredPairs, score
from jobs.identity.persistent_ids.scored_pairs import Model as Model
from jobs.identity.settings.identity import Settings


@dataclass(frozen=True)
class State:
    """Who is who, by one model."""

    pairs: ScoredPairs
    grouping: Grouping
    assignment: Assignment


@dataclass(frozen=True)
class Identified:
    """What a night leaves: who is who, and tables of the engine.

    events: rows of identity.customer_id_ledger; review: of identity.review_queue; pending: of
    identity.pending_model_changes. note: what became of a change of model, in words ("" where there was none).
    """

    state: State
    events: Table
    review: Table
    pending: Table
    note: str


def detect_changes(engine: Engine, accounts: Table, conf: Settings, columns: list[str]) -> None:
    """Make `cleaned` (without too common values), `changed` (to be compared) and `new_evidence`.

    An account that only our own cleaning reads differently is compared again, but it is no evidence.
    """
    deterministic.without_frequent_values(engine, accounts, conf, columns)
    engine.make(
        "changed",
        "SELECT c.account_id FROM cleaned c LEFT JOIN previous p ON c.account_id = p.account_id "
        "WHERE p.account_id IS NULL OR coalesce(c.record_hash, '') <> coalesce(p.record_hash, '')",
    )
    engine.make(
        "new_evidence",
        "SELECT c.account_id FROM cleaned c LEFT JOIN previous p ON c.account_id = p.account_id "
        "WHERE p.account_id IS NULL OR c.source_hash <> coalesce(p.source_hash, c.source_hash)",
    )


def identify(matching: Matching, decided_since: date, is_as_before: bool) -> Identified:
    """Match, group and name tonight's accounts.

    Args:
        matching: its model is tonight's; pairs that another model scored are kept until the change is applied.
        decided_since: decisions from this day on may be new to the customers.
        is_as_before: the model was in force last night, and was trained by this code and configuration.
    """
    engine, model = matching.engine, matching.model
    clustering = linkage.clustering(matching.conf.clustering, model.settings or {})
    matching = replace(matching, conf=matching.conf.replace(clustering=clustering))
    account_keys.follow(engine, matching.run_date)
    engine.make("recent_decisions", _recent_decisions(decided_since))
    is_first = _is_empty(engine, "pairs_before")
    is_held = not is_first and model_changes.is_another(engine, model.name)
    values = "" if is_first else _cannot_link_values_changed(engine, matching.conf)
    knows_last_night = is_as_before and not is_first and not is_held and _is_empty(engine, "listed")
    state = _state(matching, is_first, is_held, only_touched=knows_last_night and not values)
    state, change = _with_model_change(matching, state) if is_held else (state, model_changes.none(engine))
    model_change = change.reason or (f"first model, {model.name}" if is_first else "")
    events = evidence.explain(engine, matching.run_date, state.assignment, model_change, values)
    candidates, assigned = state.grouping.review_candidates, state.assignment.accounts
    questions = review.queue(matching, candidates, assigned, state.pairs)
    return Identified(state, events, questions, change.pending, change.note)


def _state(matching: Matching, is_first: bool, is_held: bool, only_touched: bool) -> State:
    engine = matching.engine
    pairs = score(matching, only_new=not is_first)
    grouping = group(engine, matching.conf, pairs, is_held=is_held, only_touched=only_touched)
    return State(pairs, grouping, ids.assign(engine, grouping.clusters, matching.run_date))


def _recent_decisions(decided_since: date) -> str:
    """SQL: decisions that may be new, by their day or because last night's map does not follow them.

    A decision that was taken after a night that failed half way has the day of the night before.
    """
    unapplied = (
        "d.withdrawn_on IS NULL AND ((d.decision = 'same' AND l.customer_id <> r.customer_id) "
        "OR (d.decision = 'never' AND l.customer_id = r.customer_id))"
    )
    return (
        "SELECT d.* FROM decisions d LEFT JOIN previous l ON d.account_id_left = l.account_id "
        "LEFT JOIN previous r ON d.account_id_right = r.account_id WHERE d.decision IN ('same', 'never') AND "
        f"(coalesce(d.withdrawn_on, d.decided_on) >= DATE '{decided_since}' OR ({unapplied}))"
    )


def _with_model_change(matching: Matching, state: State) -> tuple[State, Change]:
    """Where another model than the one in force is due, regroup everybody with it, and keep that only if it may be."""
    engine, run_date = matching.engine, matching.run_date
    pending = model_changes.listed(engine, matching.model.name)
    if not model_changes.is_due(matching, pending):
        return state, model_changes.waiting(engine, matching.model.name, pending)
    scored = score(matching, only_new=False)
    pairs = replace(scored, count=state.pairs.count + scored.count)
    grouping = group(engine, matching.conf, pairs, is_held=False, only_touched=False)
    change = model_changes.compare(matching, grouping.clusters, state.assignment.accounts, pending)
    if not change.reason and not change.is_none:
        return replace(state, pairs=replace(state.pairs, count=pairs.count)), change
    return State(pairs, grouping, ids.assign(engine, grouping.clusters, run_date)), change


def _cannot_link_values_changed(engine: Engine, conf: Settings) -> str:
    """Why accounts without new evidence have other facts than last night; "" where they have none.

    A value of theirs became too common, or no longer is. The same account stands for the same value as long as it is
    unchanged.
    """
    fields = cannot_link.fields(conf.evidence)
    reasons = [review.frequent_value_reason(field) for field in fields]
    named = ", ".join(f"'{reason}'" for reason in reasons) or "''"
    now = f"SELECT {review.frequent_value_reason_of('field')} AS reason, account_id FROM frequent_values"
    now = f"SELECT reason, account_id FROM ({now}) x WHERE reason IN ({named})"
    before = (
        f"SELECT reason, account_id_left AS account_id FROM last_review WHERE subject = 'value' AND reason IN ({named})"
    )
    queries = (
        f"{now} EXCEPT {before}",
        f"{before} EXCEPT {now}",
        f"SELECT n.account_id FROM ({now}) n JOIN changed c ON n.account_id = c.account_id",
    )
    has_changed = any(engine.fetch(f"SELECT 1 AS one FROM ({sql}) x LIMIT 1").num_rows for sql in queries)
    return f"a value ({', '.join(fields)}) became too common to prove anything, or no longer is" if has_changed else ""


def _is_empty(engine: Engine, table: str) -> bool:
    return not engine.fetch(f"SELECT 1 AS one FROM {table} LIMIT 1").num_rows
