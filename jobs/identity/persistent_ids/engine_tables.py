"""What a night of identity works on, as tables of the engine: tonight's accounts, and what earlier nights left."""

from datetime import date

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.identity.cleaners import cleaning
from jobs.identity.matching.engines import Engine, Table
from jobs.identity.persistent_ids import accounts
from jobs.identity.settings.identity import Settings
from lakehouse.delta import rs_tables
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query

UNUSED = ("channel", "match_rule", "match_probability", "is_lead")  # of last night's map: tonight has its own
ORDERS = "silver.orders"
VALUES = pa.schema([("account_id", pa.string()), ("value_cents", pa.int64())])
BEFORE = {  # tables of the engine: what earlier nights said
    "last_map": "identity.customer_map",
    "ledger": "identity.customer_id_ledger",
    "moves": "identity.account_moves",
    "decisions": "identity.steward_decisions",
    "pairs_before": "identity.match_pairs",
    "listed": "identity.pending_model_changes",
    "last_review": "identity.review_queue",
}


def put_accounts(lake: Lake, engine: Engine, settings: Settings, run_date: date) -> tuple[Table, list[str]]:
    """All accounts with their comparable fields, keys and hashes; and the columns of that table."""
    records = cleaning.rows(lake, "silver.customers", settings.junk, run_date)
    names = records.column_names if isinstance(records, pa.Table) else records.columns
    accounts.check_fields(settings, names)
    cleaned = engine.table_of("cleaned_records", records)
    made = engine.table("accounts", accounts.organisations_apart(cleaned, names))
    engine.drop(cleaned)
    return made, names


def put_history(lake: Lake, engine: Engine) -> None:
    """Make the tables of BEFORE, and `previous`: last night's map without what tonight has of its own."""
    for name, table in BEFORE.items():
        recall(lake, engine, name, table)
    kept = [c.name for c in lake.contracts["identity.customer_map"].columns if c.name not in UNUSED]
    engine.make("previous", f"SELECT {', '.join(kept)} FROM last_map")


def put_values(lake: Lake, engine: Engine) -> None:
    """Make account_values: account_id, value_cents of what was bought under an account."""
    if not lake.exists(ORDERS):
        engine.put("account_values", VALUES.empty_table())
        return
    bought = Query(
        "SELECT account_id, CAST(sum(total_cents) AS BIGINT) AS value_cents FROM {orders} "
        "WHERE account_id IS NOT NULL GROUP BY account_id",
        {"orders": ORDERS},
    )
    engine.put("account_values", lake.fetch(bought).cast(VALUES))


def recall(lake: Lake, engine: Engine, name: str, table: str) -> None:
    """Make a table of ours one of the engine; from its files, where both are in this process."""
    if engine.name == "duckdb":
        rows = lake.fetch(Query("SELECT * FROM {cleaned_records}", {"cleaned_records": table}))
        declared = rs_tables.arrow_schema(lake.contracts[table])
        columns = [
            rows[f.name].cast(f.type) if f.name in rows.column_names else pa.nulls(rows.num_rows, f.type)
            for f in declared
        ]
        engine.put(name, pa.table(columns, names=declared.names))
    else:
        engine.load(name, _as_declared(lake, table))


def _as_declared(lake: Lake, table: str) -> DataFrame:
    """A table of ours with all columns of its contract, NULL where an older version of it had none."""
    rows = lake.read(table)
    schema = lake.contracts[table].schema()
    return rows.select(
        *[F.col(f.name) if f.name in rows.columns else F.lit(None).cast(f.dataType).alias(f.name) for f in schema]
    )


def sizes(engine: Engine, tonight: Table) -> dict[str, int]:
    """How many accounts are usable, are new or changed, and are gone."""
    changed = "p.account_id IS NULL OR coalesce(c.record_hash, '') <> coalesce(p.record_hash, '')"
    row: dict[str, int]
    (row,) = engine.fetch(f"""
        SELECT count(c.record_hash) AS usable,
               count(CASE WHEN c.account_id IS NOT NULL AND ({changed}) THEN 1 END) AS changed,
               count(CASE WHEN c.account_id IS NULL THEN 1 END) AS gone
        FROM {tonight} c FULL JOIN previous p ON c.account_id = p.account_id""").to_pylist()
    return row
