"""The golden record against known truth: how complete and right data were, and are. `python -m benchmarks.golden`.

Usage: python -m benchmarks.golden [--lake DIR --truth FILE] [--persons 20000]
Three tables, each per attribute: the sample's accounts with the people known (what survivorship alone does); with
--lake the same accounts with the customers that the lake's linkage found; generated people with dirt at known rates.
The truth is only measured with: FEBRL's original records, and the persons before the dirt was planted.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from benchmarks.dirty_people import generated
from jobs.identity.golden_customers import TABLES, golden_sql, golden_steps, junk_values
from jobs.identity.settings.golden_customers import ATTRIBUTES, Settings
from jobs.identity.settings.identity import Settings as IdentitySettings
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta.log import table_path
from lakehouse.delta.rs_tables import arrow_schema, files
from lakehouse.lake.queries import answer
from lakehouse.sql.query import Query


@dataclass(frozen=True)
class Accuracy:
    """One attribute, shares over accounts whose person has the attribute; right: the same but for capitals, spaces.

    filled_*: some value; right_*: of the filled ones; whole_*: filled and right; reachable: a right value stands in
    some account of the person; estimated: mean confidence of the golden values.
    """

    attribute: str
    filled_before: float
    right_before: float
    whole_before: float
    filled_after: float
    right_after: float
    whole_after: float
    reachable: float
    estimated: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lake", type=Path)
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--persons", type=int, default=20_000)
    options = parser.parse_args()
    accounts, persons = sample()
    shown("The sample, its people known", measured(accounts, persons))
    if options.lake and options.truth:
        shown("The sample, customers as linked", measured(linked(accounts, options.lake), persons))
    for least in (1, 3):
        title = f"{options.persons:,} generated people with {least} to 6 accounts, dirt planted"
        shown(title, measured(*generated(options.persons, least)))


def sample() -> tuple[pa.Table, pa.Table]:
    """All accounts of the sample as their channels export them, and the people's original records."""
    from lakehouse.sample.account_exports import EXPORTS
    from lakehouse.sample.people import accounts
    from lakehouse.sample.sources import load

    every = accounts(load()).rename(columns={"date_of_birth": "birth_date"})
    every["account_id"] = every["channel"] + ":" + every["channel_key"]
    every["customer_id"] = every["person_id"]
    fields = {
        export.channel: {name.replace("date_of_birth", "birth_date") for name in export.fields} for export in EXPORTS
    }
    persons = every[every["record_id"].str.endswith("-org")].drop_duplicates("person_id")
    exported = every.copy()
    for name in ATTRIBUTES:
        if name in exported:
            exported[name] = exported[name].where(exported["channel"].map(lambda c, n=name: n in fields[c]), "")
    return as_table(exported), as_table(persons)


def as_table(frame: object) -> pa.Table:
    """account_id, channel, person_id, customer_id and the attributes as text; empty and impossible ones are NULL."""
    with duckdb.connect() as engine:
        engine.register("frame", frame)
        known = set(engine.sql("SELECT * FROM frame LIMIT 0").columns)
        texts = ", ".join(
            f"nullif(trim({n}), '') AS {n}" if n in known else f"CAST(NULL AS TEXT) AS {n}"
            for n in ATTRIBUTES
            if n != "birth_date"
        )
        day = "CAST(try_strptime(birth_date, '%Y%m%d') AS DATE) AS birth_date"
        keys = "account_id, channel, person_id, customer_id"
        return engine.sql(f"SELECT {keys}, {texts}, {day} FROM frame").to_arrow_table()


def linked(accounts: pa.Table, lake: Path) -> pa.Table:
    """The accounts that a lake knows, with its customer_id."""
    from deltalake import DeltaTable

    with duckdb.connect() as engine:
        engine.register("accounts", accounts)
        for table in ("silver.customers", "identity.customer_map"):
            path = table_path(str(lake), table)
            parquet = files(path, DeltaTable(path).version())
            engine.register(table.split(".")[1], engine.read_parquet(parquet, union_by_name=True))
        return engine.sql(
            "SELECT a.* REPLACE (m.customer_id AS customer_id) FROM accounts a JOIN customers c "
            "ON a.account_id = c.channel || ':' || trim(c.account_key) "
            "JOIN customer_map m ON m.account_id = c.account_id"
        ).to_arrow_table()


def measured(accounts: pa.Table, persons: pa.Table) -> list[Accuracy]:
    """Golden records of the accounts' customers, against the persons."""
    conf = Conf()
    steps = golden_steps(
        conf.settings("golden_customers", Settings), junk_values(conf.settings("identity", IdentitySettings).junk)
    )
    with duckdb.connect(config={"threads": 2}) as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.register("customers", as_silver(accounts, Contracts(conf)))
        engine.register(
            "customer_map",
            accounts.select(["account_id", "channel", "customer_id"]).append_column(
                "arrived_on", pa.nulls(len(accounts), pa.date32())
            ),
        )
        golden = answer(engine, Query(golden_sql(), TABLES, steps))
        for name, table in (("accounts", accounts), ("persons", persons), ("golden", golden)):
            engine.register(name, table)
        shares = [engine.execute(_accuracy_sql(name)).fetchone() for name in ATTRIBUTES]
    return [Accuracy(*row) for row in shares if row and row[2] is not None and row[5] is not None]


def as_silver(accounts: pa.Table, contracts: Contracts) -> pa.Table:
    """The accounts with all columns of silver.customers."""
    schema = arrow_schema(contracts["silver.customers"])
    columns = {
        f.name: accounts.column(f.name).cast(f.type)
        if f.name in accounts.column_names
        else pa.nulls(len(accounts), f.type)
        for f in schema
    }
    return pa.table(columns)


def _accuracy_sql(name: str) -> str:
    def plain(column: str) -> str:
        text = f"CAST({column} AS TEXT)"
        return f"regexp_replace({text}, '[^0-9]', '', 'g')" if name == "phone" else f"lower(replace({text}, ' ', ''))"

    right, whole = "avg(CAST({} = truth AS INT))", "avg(CAST(coalesce({} = truth, FALSE) AS INT))"
    return f"""
        WITH found AS (
            SELECT a.person_id, {plain(f"a.{name}")} AS told, {plain(f"g.{name}")} AS kept,
                   {plain(f"p.{name}")} AS truth,
                   list_filter(g.sources, lambda s: s.attribute = '{name}')[1].confidence AS sure
            FROM accounts a JOIN persons p ON a.person_id = p.person_id
            JOIN golden g ON a.customer_id = g.customer_id WHERE p.{name} IS NOT NULL),
        reach AS (SELECT person_id, bool_or(told = truth) AS is_told FROM found GROUP BY person_id)
        SELECT '{name}', count(told) / count(*), {right.format("told")}, {whole.format("told")},
               count(kept) / count(*), {right.format("kept")}, {whole.format("kept")},
               avg(CAST(coalesce(is_told, FALSE) AS INT)), avg(sure)
        FROM found JOIN reach USING (person_id)"""


def shown(title: str, rows: list[Accuracy]) -> None:
    """Print one table."""
    table = Table(
        "attribute",
        "filled before",
        "right before",
        "both before",
        "filled after",
        "right after",
        "both after",
        "reachable",
        "estimated",
        title=title,
    )
    for row in rows:
        name, *shares = vars(row).values()
        table.add_row(name, *[f"{share:.4f}" for share in shares])
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
