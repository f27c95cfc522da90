"""Nights of the identity room without Spark: the same SQL and Python on the DuckDB engine, from night to night."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pyarrow as pa

from jobs.identity.cleaners.record_fields import FIELDS, FINGERPRINT, PARTS, PRINT_LENGTH
from jobs.identity.matching import linkage
from jobs.identity.matching.engines import DuckDBEngine
from jobs.identity.persistent_ids import ledger, people
from jobs.identity.persistent_ids.scored_pairs import Matching, match_pairs_sql
from jobs.identity.settings.identity import Settings
from lakehouse.sql.duckdb_engine import Limits

FACTS = ("loyalty_card", "device", "verified_email")
TYPES = {"": pa.string(), "date": pa.date32(), "int": pa.int32(), "bits": pa.float64(), "bool": pa.bool_()}


def schema(columns: str) -> pa.Schema:
    """Columns as in "name other:type": text without a type."""
    parsed = (column.partition(":") for column in columns.split())
    return pa.schema([(name, TYPES[kind]) for name, _, kind in parsed])


CLEANED = schema(
    f"account_id channel is_lead:bool {' '.join((*FIELDS, *PARTS, *FACTS))} "
    "record_hash source_hash fingerprint own_id spare_id"
)
PREVIOUS = schema("account_id customer_id arrived_on:date record_hash source_hash fingerprint _run_date:date")
LEDGER = schema("customer_id event other_customer_id run_date:date reason evidence account_id account_count:int")
MOVES = schema("account_id run_date:date from_customer_id to_customer_id event fingerprint")
DECISIONS = schema(
    "account_id_left account_id_right decision decided_on:date steward reason withdrawn_on:date withdrawn_by"
)
PAIRS = schema(
    "account_id_left account_id_right match_rule match_weight:bits match_probability:bits model doubt doubt_bits:bits"
)
REVIEW = schema(
    "subject reason account_id_left account_id_right customer_id_left customer_id_right match_weight:bits "
    "change_if_decided account_count:int customer_count:int value_cents:int change_probability:bits priority:int "
    "since:date"
)
PENDING = schema("model customer_id change other_customer_id account_count:int listed_on:date kept_share:bits")
Account = dict[str, Any]


def hashed(*texts: object) -> str:
    return hashlib.sha256("|".join(map(str, texts)).encode()).hexdigest()[:24]


def fingerprint(account: Account) -> str:
    """A hash of each field that says who it is, as cleaning makes them."""
    place = account.get("street") and (account["street"], account.get("house"), account.get("postcode"))
    values = [place if name == "address" else account.get(name) for name in FINGERPRINT]
    return "".join(hashed(value)[:PRINT_LENGTH] if value else "-" * PRINT_LENGTH for value in values)


def cleaned(accounts: list[Account], run_date: date) -> pa.Table:
    """What cleaning.records makes of accounts whose fields are clean already."""
    rows = []
    for account in accounts:
        filled = {"channel": account["account_id"].split(":")[0], "is_lead": False, **account}
        birth, given, family = (filled.get(name) for name in ("birth", "given", "family"))
        parts = {
            "birth_year": birth and birth[:4],
            "birth_day_month": birth and birth[6:] + birth[4:6],
            "postcode_digits": "".join(sorted(filled.get("postcode") or "")) or None,
            "names": " ".join(sorted((given, family))) if given and family else None,
        }
        seen = hashed(*(filled.get(name) for name in (*FIELDS, *FACTS)))
        ids = {"own_id": f"c{hashed(filled['account_id'])}", "spare_id": f"c{hashed(filled['account_id'], run_date)}"}
        hashes = {"record_hash": seen, "source_hash": seen, "fingerprint": fingerprint(filled)}
        rows.append({**parts, **hashes, **ids, **filled})
    return pa.Table.from_pylist(rows, CLEANED)


@dataclass
class Company:
    """A company's identity tables; each `night` takes all accounts that exist and leaves the tables of that night."""

    settings: Settings
    model: people.Model | None = None
    previous: pa.Table = field(default_factory=PREVIOUS.empty_table)
    ledger: pa.Table = field(default_factory=LEDGER.empty_table)
    moves: pa.Table = field(default_factory=MOVES.empty_table)
    pairs: pa.Table = field(default_factory=PAIRS.empty_table)
    pending: pa.Table = field(default_factory=PENDING.empty_table)
    last_review: pa.Table = field(default_factory=REVIEW.empty_table)
    frequent_values: list[dict[str, Any]] = field(default_factory=list)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    values: dict[str, int] = field(default_factory=dict)  # account -> what was bought under it, in cents
    note: str = ""
    regroups_all: bool = False  # every night, also those on which little is new

    def night(self, accounts: list[Account] | pa.Table, run_date: date, retrain: bool = False) -> None:
        engine = DuckDBEngine(limits=Limits(memory=None, keeps_order=False))
        rows = cleaned(accounts, run_date) if isinstance(accounts, list) else accounts
        decisions = pa.Table.from_pylist(self.decisions, DECISIONS)
        tables = {
            "previous": self.previous,
            "ledger": self.ledger,
            "moves": self.moves,
            "pairs_before": self.pairs,
            "listed": self.pending,
            "last_review": self.last_review,
            "decisions": decisions,
        }
        for name, table in tables.items():
            engine.put(name, table)
        spent = {
            "account_id": pa.array(self.values, pa.string()),
            "value_cents": pa.array(self.values.values(), pa.int64()),
        }
        engine.put("account_values", pa.table(spent))
        people.detect_changes(engine, engine.table_of("accounts", rows), self.settings, rows.column_names)
        linkage.prepare(engine, self.settings)
        is_as_before = not retrain and self.model is not None and not self.regroups_all
        if self.model is None or retrain:
            self.model = people.Model(str(run_date), linkage.trained_model(engine, self.settings))
        since = max(self.previous["_run_date"].to_pylist(), default=run_date)
        matching = Matching(engine, self.settings, run_date, self.model, rows.column_names)
        self._store(engine, run_date, people.identify(matching, since, is_as_before))
        engine.close()

    def _store(self, engine: DuckDBEngine, run_date: date, identified: people.Identified) -> None:
        def fetched(sql: str, schema: pa.Schema) -> pa.Table:
            return engine.fetch(sql).select(schema.names).cast(schema)

        self.note, assignment = identified.note, identified.state.assignment
        pairs = match_pairs_sql(identified.state.pairs.table, identified.state.grouping.review_candidates)
        self.ledger = pa.concat_tables([self.ledger, fetched(f"SELECT * FROM {identified.events}", LEDGER)])
        self.moves = pa.concat_tables([self.moves, fetched(f"SELECT * FROM {assignment.moved}", MOVES)])
        self.pairs = fetched(pairs, PAIRS)
        self.pending = fetched(f"SELECT * FROM {identified.pending}", PENDING)
        self.last_review = fetched(f"SELECT * FROM {identified.review}", REVIEW)
        self.frequent_values = engine.fetch("SELECT * FROM frequent_values").to_pylist()
        self.previous = fetched(
            f"SELECT a.*, c.record_hash, c.source_hash, c.fingerprint, DATE '{run_date}' AS _run_date "
            f"FROM {assignment.accounts} a JOIN cleaned c ON a.account_id = c.account_id",
            PREVIOUS,
        )

    @property
    def review(self) -> list[dict[str, Any]]:
        """The questions of the last night."""
        rows: list[dict[str, Any]] = self.last_review.to_pylist()
        return rows

    def decide(self, left: str, right: str, decision: str, on: date) -> None:
        """A steward's decision, as the CSV import leaves it."""
        left, right = sorted((left, right))
        self.decisions.append(
            {
                "account_id_left": left,
                "account_id_right": right,
                "decision": decision,
                "decided_on": on,
                "steward": "steward-1",
            }
        )

    def ids(self) -> dict[str, str]:
        """account_id -> customer_id."""
        return dict(zip(self.previous["account_id"].to_pylist(), self.previous["customer_id"].to_pylist(), strict=True))

    def resolved(self, as_of: date) -> dict[str, str]:
        """Every id issued by then -> the living id that it leads to, "" for none."""
        engine = DuckDBEngine()
        engine.put("ledger", self.ledger)
        ledger.resolve_all(engine, as_of)
        rows = engine.fetch("SELECT customer_id, living_id FROM resolved").to_pylist()
        engine.close()
        return {row["customer_id"]: row["living_id"] for row in rows}

    def events(self, run_date: date) -> list[tuple[str, str, str, str]]:
        """customer_id, event, other_customer_id, evidence of a night."""
        names = ("customer_id", "event", "other_customer_id", "evidence")
        return [tuple(r[n] for n in names) for r in self.ledger.to_pylist() if r["run_date"] == run_date]  # type: ignore[misc]

    def copy(self) -> "Company":
        return replace(self, decisions=list(self.decisions))
