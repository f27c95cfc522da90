"""Identity: which customer each account belongs to, for ever.

Reads   silver.customers, identity.steward_decisions, identity.champion_models
Writes  identity.customer_map, one row per account; match_pairs, customer_id_ledger, account_moves, review_queue,
        pending_model_changes, linkage_models and comparisons beside it

A night compares new and changed accounts with all others, by a model that was trained once; the model is trained
again after some weeks, when the company has doubled, or when the code or settings that it learns by changed. What a new
model would regroup is listed before it is applied (model_changes.py); an id changes only on evidence (evidence.py).
"""

import json
from datetime import date

import pyarrow as pa

from jobs.identity.explaining import missing_fields
from jobs.identity.grouping import key_trust
from jobs.identity.matching import linkage
from jobs.identity.matching.engines import Engine, Table, choose
from jobs.identity.persistent_ids import engine_tables, people, scored_pairs
from jobs.identity.persistent_ids.origins import LINEAGE as LINEAGE
from jobs.identity.persistent_ids.people import Identified, State
from jobs.identity.persistent_ids.scored_pairs import Matching
from jobs.identity.registry import last_model
from jobs.identity.settings.identity import Settings
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.lake.lake import Lake

READS = ("silver.customers", "identity.steward_decisions", "identity.champion_models")
READS_PREVIOUS = (
    "identity.customer_map",
    "identity.match_pairs",
    "identity.customer_id_ledger",
    "identity.linkage_models",
    "identity.account_moves",
    "identity.review_queue",
    "identity.pending_model_changes",
    "silver.orders",  # what customers are worth orders the questions: it is no reason to identify them anew
)
WRITES = (
    "identity.customer_map",
    "identity.match_pairs",
    "identity.customer_id_ledger",
    "identity.linkage_models",
    "identity.account_moves",
    "identity.review_queue",
    "identity.pending_model_changes",
    "identity.comparisons",
)
CONF = ("identity", "cleaning", "china_divisions")
LEARNS = (  # a match model stands until this code or these settings change, whatever else of the job does
    "jobs.identity.matching.linkage.prepare",
    "jobs.identity.matching.linkage.trained_model",
    "jobs.identity.persistent_ids.engine_tables.put_accounts",
)
LEARNS_BY = (
    "cleaning",
    "china_divisions",
    "identity.junk",
    "identity.fields",
    "identity.blocking",
    "identity.training.random_sample_records",
    "identity.training.largest_sample_records",
    "identity.training.iterations",
    "identity.training.least_expected_precision",
    "identity.guards.most_accounts_of_a_value",
)
REPLACED = {  # tables that a night makes again, whole: what they were
    "identity.review_queue": "last_review",
    "identity.pending_model_changes": "listed",
}


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Match and group in the engine that fits, and publish the map with its ledger."""
    engine = choose(
        lake.spark,
        lake.profile.engine_of(settings.lane),
        lake.row_count("silver.customers"),
        settings.duckdb_up_to_records,
    )
    try:
        _identify(lake, run_date, settings, engine)
    finally:
        engine.close()


def _identify(lake: Lake, run_date: date, settings: Settings, engine: Engine) -> None:
    accounts, columns = engine_tables.put_accounts(lake, engine, settings, run_date)
    engine_tables.put_history(lake, engine)
    sizes = engine_tables.sizes(engine, accounts)
    champion = _champion(lake, run_date, settings, sizes["usable"])
    if champion is not None and not sizes["changed"] and not sizes["gone"] and _is_up_to_date(lake):
        return
    engine_tables.put_values(lake, engine)
    people.detect_changes(engine, accounts, settings, columns)
    model = _model(lake, engine, settings, champion, sizes["usable"], run_date)
    decided_since = engine.fetch("SELECT max(_run_date) AS day FROM previous").to_pylist()[0]["day"] or run_date
    matching = Matching(engine, settings, run_date, model, columns)
    identified = people.identify(matching, decided_since, champion is not None)
    _notes(lake, engine, identified, settings)
    if champion is None and model.name == last_model.Champion({}, run_date, lake.learned_hash).name:
        _publish_model(lake, run_date, model, engine.name, sizes["usable"])
    _publish(lake, matching, identified)


def _is_up_to_date(lake: Lake) -> bool:
    """Whether the map is there, knows all decisions and models, and no change of model waits."""
    consumed = lake.consumed("identity.customer_map")
    versions = {table: lake.version(table) for table in READS[1:]}
    return (
        lake.exists("identity.customer_map")
        and all(version is None or consumed.get(table) == version for table, version in versions.items())
        and lake.row_count("identity.pending_model_changes") == 0
    )


def _champion(lake: Lake, run_date: date, settings: Settings, usable: int) -> people.Model | None:
    """The model in force; None when it must be trained (again)."""
    newest = next(iter(last_model.newest(lake, run_date)), None)
    if newest is None or not (newest.is_of_older_kind or lake.is_learned_alike(newest.job_hash)):
        return None
    if (run_date - newest.trained_on).days >= settings.training.retrain_after_days:
        return None
    if usable >= settings.training.retrain_growth_ratio * max(newest.record_count, settings.training.least_records):
        return None
    if usable >= settings.training.least_records and "comparisons" not in newest.model:
        return None  # there were too few accounts to learn from; now there are enough
    return people.Model(newest.name, newest.model if "comparisons" in newest.model else None)


def _model(
    lake: Lake, engine: Engine, settings: Settings, champion: people.Model | None, usable: int, run_date: date
) -> people.Model:
    """Tonight's model: the one in force, or one trained on tonight's records; the last sound one where that fails."""
    least = settings.training.least_records
    too_few = f"{usable} accounts with usable fields: too few to learn from, {least} are needed"
    if champion is not None and champion.settings is None:
        lake.note("identity.customer_map", f"{too_few}; each stays alone")
        return champion
    if usable >= least or champion is not None or last_model.last_sound(lake, run_date):
        linkage.prepare(engine, settings)
    if champion is not None:
        return champion
    trained = linkage.trained_model(engine, settings) if usable >= least else None
    sound = last_model.sound(lake, trained, run_date, too_few)
    if sound is None:
        return people.Model(last_model.Champion({}, run_date, lake.learned_hash).name, None)
    return people.Model(sound.name, sound.model)


def _notes(lake: Lake, engine: Engine, identified: Identified, settings: Settings) -> None:
    """Say in the report what a model would change, which values are too common and which fields are missed."""
    notes = [identified.note] if identified.note else []
    notes += [
        *missing_fields.notes(engine, settings.fields),
        *key_trust.notes(engine, identified.state.pairs.keys.trust),
    ]
    frequent_values = engine.fetch(
        "SELECT field, count(*) AS shared, max(accounts) AS most FROM frequent_values GROUP BY field ORDER BY field"
    )
    notes += [
        f"{row['shared']} values of {row['field']} are shared by too many accounts "
        f"(up to {row['most']:,}): they join nobody, see identity.review_queue"
        for row in frequent_values.to_pylist()
    ]
    for note in notes:
        lake.note("identity.customer_map", note)


def _publish_model(lake: Lake, run_date: date, model: people.Model, engine: str, usable: int) -> None:
    """A model that was trained tonight."""
    row = {
        "trained_on": run_date,
        "record_count": usable,
        "job_hash": lake.learned_hash,
        "lane": engine,
        "model": json.dumps(model.settings or {}),
    }
    rows = pa.Table.from_pylist([row], arrow_schema(lake.contracts["identity.linkage_models"]))
    lake.publish("identity.linkage_models", rows, run_date)


def _publish(lake: Lake, matching: Matching, identified: Identified) -> None:
    """The map goes last: until it is there, the night can be repeated from the start."""
    engine, run_date, state = matching.engine, matching.run_date, identified.state
    counted = (
        f"SELECT DATE '{run_date}' AS run_date, (SELECT count(*) FROM changed) AS changed_accounts, "
        f"CAST({state.pairs.count} AS BIGINT) AS pairs_compared"
    )
    lake.publish("identity.comparisons", engine.answer(counted), run_date)
    pairs = scored_pairs.match_pairs_sql(state.pairs.table, state.grouping.review_candidates)
    lake.publish("identity.match_pairs", engine.answer(pairs), run_date)
    tables = {
        "identity.customer_id_ledger": identified.events,
        "identity.account_moves": state.assignment.moved,
        "identity.review_queue": identified.review,
        "identity.pending_model_changes": identified.pending,
    }
    for table, rows in tables.items():
        names = ", ".join(column.name for column in lake.contracts[table].columns)
        if not lake.is_published(table) or _has_changes(engine, names, rows, REPLACED.get(table)):
            lake.publish(table, engine.answer(f"SELECT {names} FROM {rows}"), run_date)
    lake.publish("identity.customer_map", engine.answer(_map(run_date, identified.state)), run_date)


def _has_changes(engine: Engine, names: str, rows: Table, before: str | None) -> bool:
    """Whether there are rows to add or, for a table that is replaced, rows that differ from those before."""
    queries = [f"SELECT 1 AS one FROM {rows} LIMIT 1"]
    if before is not None:
        both = f"SELECT {names} FROM {rows}", f"SELECT {names} FROM {before}"
        queries = [f"SELECT 1 AS one FROM ({one} EXCEPT {other}) r LIMIT 1" for one, other in (both, both[::-1])]
    return any(engine.fetch(sql).num_rows for sql in queries)


def _map(run_date: date, state: State) -> str:
    """The best pair inside the customer explains why an account is there; an account alone has none."""
    pairs, assigned = state.pairs.table, state.assignment.accounts
    inside = (
        f"SELECT p.*, l.customer_id FROM {pairs} p JOIN {assigned} l ON p.account_id_left = l.account_id "
        f"JOIN {assigned} r ON p.account_id_right = r.account_id AND l.customer_id = r.customer_id"
    )
    ends = " UNION ALL ".join(
        f"SELECT account_id_{side} AS account_id, account_id_{other} AS partner, match_rule, match_probability, "
        f"match_weight FROM ({inside}) i{side}"
        for side, other in (("left", "right"), ("right", "left"))
    )
    best = (
        "SELECT * FROM (SELECT *, row_number() OVER "
        "(PARTITION BY account_id ORDER BY match_weight DESC, partner) AS turn "
        f"FROM ({ends}) e) ranked WHERE turn = 1"
    )
    decided = " UNION ".join(
        f"SELECT account_id_{side} AS account_id FROM {state.grouping.edges} WHERE edge_type = 'same'"
        for side in ("left", "right")
    )
    return (
        "SELECT a.account_id, c.channel, a.customer_id, CASE WHEN b.account_id IS NOT NULL THEN b.match_rule "
        "WHEN s.account_id IS NOT NULL THEN 'steward decision' WHEN c.record_hash IS NULL AND c.company IS NOT NULL "
        "THEN 'organisation' WHEN c.record_hash IS NULL THEN 'no_usable_field' "
        "ELSE 'alone' END AS match_rule, b.match_probability, "
        f"c.is_lead, a.arrived_on, c.record_hash, c.source_hash, c.fingerprint, DATE '{run_date}' AS _run_date "
        f"FROM {assigned} a JOIN cleaned c ON a.account_id = c.account_id "
        f"LEFT JOIN ({best}) b ON a.account_id = b.account_id LEFT JOIN ({decided}) s ON a.account_id = s.account_id"
    )
