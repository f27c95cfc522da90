"""`lakehouse linkage --records FILE --fields YAML`: link any records, with the engine that links the customers.

DuckDB alone. The YAML says what the columns mean, and nothing else; bounds come from conf/identity.yaml.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
import pyarrow as pa
import pydantic

from jobs.identity.cleaners import cleaning_settings
from jobs.identity.cleaners.cleaning_settings import Rules
from jobs.identity.grouping import clusters, quick_groups
from jobs.identity.matching import one_to_one
from jobs.identity.matching.engine import Engine
from jobs.identity.matching.lanes import DuckDBLane
from jobs.identity.matching.linkage import clustering, plan_of
from jobs.identity.matching.plan import Plan
from jobs.identity.matching.semantic_types import Field, fields_of
from jobs.identity.record_sets import record_cleaning, record_facts, record_files
from jobs.identity.record_sets.record_cleaning import Cleaner
from jobs.identity.settings.identity import Clustering, FieldType, Settings
from lakehouse.config.documents import read_document
from lakehouse.config.fields import Listed, Word
from lakehouse.config.layers import Conf
from lakehouse.config.model import SettingsModel
from lakehouse.config.settings import build
from lakehouse.errors import ConfigError

PLAIN = re.compile("^[^a-z]+|[^a-z0-9]")
EDGE = "account_id_left, account_id_right, match_weight"
SURE_BITS = 12.0
NO_MODEL: dict[str, Any] = {}


class FileField(SettingsModel):
    """A field: its semantic type, and the column that has it (several: the first that is not empty); none: its name."""

    type: FieldType | Literal["full_name"] = pydantic.Field(description="what the field means; full_name is two names")
    columns: Listed[Word] = pydantic.Field(
        default=(), description="columns that have it, in order; none: the field's name"
    )


class TruthForm(SettingsModel):
    """How a truth file is written: an entity per record, or pairs of records; columns, or SQL over them."""

    id: Word | None = pydantic.Field(default=None, description="the record's key")
    entity: Word | None = pydantic.Field(default=None, description="what the record is of")
    left: Word | None = pydantic.Field(default=None, description="the one record of a pair")
    right: Word | None = pydantic.Field(default=None, description="the other one")


class FileSettings(SettingsModel):
    """The YAML beside a record file."""

    id: Word = pydantic.Field(description="column of the record's key")
    fields: Annotated[dict[Word, FileField], pydantic.Field(min_length=1)] = pydantic.Field(
        description="what the columns mean"
    )
    link: Literal["duplicates", "one_to_one"] = pydantic.Field(
        default="duplicates",
        description="any number of records of one thing; or one_to_one: lists without doubles inside, so that a thing "
        "has two records at most (with no source: two lists that were written into one)",
    )
    source: Word | None = pydantic.Field(
        default=None, description="column of the list that a record comes from (several files: the file)"
    )
    truth: TruthForm = pydantic.Field(default=TruthForm(), description="how a truth file is written")

    @cached_property
    def names(self) -> dict[str, str]:
        """Name inside -> name in the YAML: a column may be called by any word of SQL, and by any word of ours."""
        return {f"{PLAIN.sub('', name.lower())}n{number}": name for number, name in enumerate(self.fields, 1)}

    @cached_property
    def types(self) -> dict[str, str]:
        """Name inside -> type; a full name is two of them."""
        types: dict[str, str] = {}
        for inside, name in self.names.items():
            kind = self.fields[name].type
            halves = {f"{inside}_given": "given_name", f"{inside}_family": "family_name"}
            types |= halves if kind == "full_name" else {inside: kind}
        return types

    @cached_property
    def typed(self) -> tuple[Field, ...]:
        """The fields as the engine takes them."""
        return fields_of(self.types)

    @cached_property
    def shown_names(self) -> dict[str, str]:
        """Name inside -> how people know it, of every field that is compared."""
        return {inside: self.shown(inside) for inside in self.types}

    def columns_of(self, inside: str) -> tuple[str, ...]:
        """The columns of a field, as the file names them."""
        return self.fields[self.names[inside]].columns or (self.names[inside],)

    def texts(self, unknown: Sequence[str]) -> dict[str, str]:
        """Name inside -> SQL of its text: the first of its columns that is known."""
        made = {}
        for inside, name in self.names.items():
            is_name = self.fields[name].type in ("given_name", "family_name")
            columns = [record_files.quoted(column) for column in self.columns_of(inside)]
            known = [record_files.text_of(column, unknown, is_name) for column in columns]
            made[inside] = f"coalesce({', '.join([*known, 'NULL'])})"
        return made

    def shown(self, part: str) -> str:
        """A part of a blocking key as the YAML names it: `firstnamen1:3` -> `First Name:3`."""
        inside = re.split("[^a-z0-9]", part, maxsplit=1)[0]
        return self.names[inside] + part.removeprefix(inside) if inside in self.names else part


@dataclass(frozen=True)
class FileLinkage:
    """What came out: account_id and customer_id of each record, the pairs kept, how much work it was.

    model: empty where one field alone could teach nothing. notes: what a reader must know.
    """

    records: pd.DataFrame
    pairs: pd.DataFrame
    model: dict[str, Any]
    compared: int
    seconds: float
    notes: tuple[str, ...] = ()


def settings_of(path: Path) -> FileSettings:
    """Read the YAML strictly: an unknown key or type is a ConfigError with file and line."""
    document = read_document(path)
    found = build(FileSettings, document)
    _ = found.typed
    return found


def link(files: list[Path], told: FileSettings, conf: Settings, rules: Rules | None = None) -> FileLinkage:
    """Link the records of one or more files.

    Args:
        rules: conf/cleaning.yaml, as packaged where none are given.
    """
    started = time.monotonic()
    lane = DuckDBLane()
    try:
        fields = load(lane, files, told, conf, rules)
        return _linked(lane, told, fields, conf, started)
    finally:
        lane.close()


def load(
    lane: DuckDBLane, files: list[Path], told: FileSettings, conf: Settings, rules: Rules | None = None
) -> tuple[Field, ...]:
    """Make `cleaned` from the files, and give its fields; several files are one source each.

    Raises:
        ConfigError: a file has not got a column of the YAML, a record has no key, or two have one.
    """
    several = len(files) > 1 or told.source is not None
    by_column = record_files.quoted(told.source) if told.source else "'records'"
    source = record_files.quoted(record_files.SOURCE) if len(files) > 1 else by_column
    record_files.read(lane, "raw", files, told.id)
    wanted = [column for inside in told.names for column in told.columns_of(inside)]
    there = lane.fetch("SELECT * FROM raw LIMIT 0").column_names
    record_files.require([*wanted, *([told.source] if told.source else [])], there, files[0].name)
    account = record_files.account_id(told.id, source, several)
    texts = "".join(f", {sql} AS {name}" for name, sql in told.texts(conf.junk.texts).items())
    lane.make("texts", f"SELECT {account} AS account_id, CAST({source} AS VARCHAR) AS channel{texts} FROM raw")
    _refuse_bad_keys(lane, files, told.id)
    how = Cleaner(rules or cleaning_settings.rules(Conf()), conf.junk, date.today())
    rows, fields = record_cleaning.cleaned(lane.fetch("SELECT * FROM texts"), told.typed, how)
    lane.put("texts", rows)
    clean = [f.name for f in fields if f.type in record_cleaning.BY_LAKE or f.name not in told.types]
    clean += record_cleaning.chinese_lines(fields, told.types)
    clean += [name for name in rows.column_names if name.endswith(record_cleaning.KEY)]
    columns = {f.name: f.name for f in fields}
    lane.make("cleaned", record_files.cleaned("texts", columns, fields, "account_id", "channel", clean))
    _forget_stand_ins(lane, fields, conf)
    return fields


def _refuse_bad_keys(lane: DuckDBLane, files: list[Path], key: str) -> None:
    name = ", ".join(path.name for path in files)
    (counts,) = lane.fetch(
        "SELECT count(*) AS records, count(DISTINCT account_id) AS ids, "
        "count(CASE WHEN coalesce(account_id, '') = '' OR account_id LIKE '%:' THEN 1 END) AS missing FROM texts"
    ).to_pylist()
    if counts["missing"]:
        raise ConfigError(f"{counts['missing']:,} records have no '{key}'", name, "give each record an id of its own")
    if counts["ids"] < counts["records"]:
        twice = lane.fetch(
            "SELECT account_id FROM texts GROUP BY account_id HAVING count(*) > 1 ORDER BY account_id LIMIT 3"
        )
        shown = ", ".join(twice["account_id"].to_pylist())
        raise ConfigError(
            f"{counts['records'] - counts['ids']:,} records have the '{key}' of another ({shown})",
            name,
            "an id names one record; take out the copies, or name another column as id",
        )


def _forget_stand_ins(lane: DuckDBLane, fields: Sequence[Field], conf: Settings) -> None:
    """Birth dates that stand for "unknown" are none."""
    days = ", ".join(record_files.text_literal(day) for day in conf.junk.birth_dates) or "''"
    for name in (f.name for f in fields if f.type == "birth_date"):
        parts = ", ".join(f"{column} = NULL" for column in (name, f"{name}_year", f"{name}_day_month"))
        lane.connection.execute(f"UPDATE cleaned SET {parts} WHERE {name} IN ({days})")


def _linked(
    lane: DuckDBLane, told: FileSettings, fields: tuple[Field, ...], conf: Settings, started: float
) -> FileLinkage:
    facts = record_facts.facts_of(lane, fields)
    plan = file_plan(lane, told, facts.used, conf)
    if len(facts.telling) < 2:
        model, compared, edges = NO_MODEL, 0, _edges_of_one(lane, facts)
    else:
        model, compared, edges = _scored(lane, plan, conf)
    records = _grouped(lane, edges, told, clustering(conf.clustering, model), plan.across, not model)
    notes = record_facts.field_notes(facts, told.shown_names)
    if model:
        sizes = records.groupby("customer_id").size().tolist()
        notes += record_facts.limit_notes(lane, conf.blocking.largest_block, sizes, conf.clustering.largest_cluster)
    return FileLinkage(records, edges.to_pandas(), model, compared, time.monotonic() - started, tuple(notes))


def _scored(lane: DuckDBLane, plan: Plan, conf: Settings) -> tuple[dict[str, Any], int, pa.Table]:
    """The model, how many pairs it weighed, and those that it keeps."""
    engine = Engine(lane, plan)
    engine.prepare()
    model = engine.learn()
    compared = engine.score(model, conf.clustering.keep_weight_bits, only_new=False)
    return model, compared, lane.fetch(f"SELECT {EDGE} FROM scored")


def _edges_of_one(lane: DuckDBLane, facts: record_facts.FieldFacts) -> pa.Table:
    """Pairs of records with one value, where that value names a thing, or where there is but one in every field."""
    (field,) = facts.used
    is_enough = field.type in record_facts.NAMES_A_THING or not facts.telling
    return lane.fetch(
        f"SELECT first AS account_id_left, account_id AS account_id_right, CAST({SURE_BITS} AS DOUBLE) AS match_weight "
        f"FROM (SELECT account_id, min(account_id) OVER (PARTITION BY {field.name}) AS first FROM cleaned "
        f"WHERE {field.name} IS NOT NULL AND {is_enough}) v WHERE first <> account_id"
    )


def _grouped(
    lane: DuckDBLane, edges: pa.Table, told: FileSettings, bounds: Clustering, is_across: bool, is_plain: bool
) -> pd.DataFrame:
    """account_id, channel, customer_id of each record; how many records a thing has is for the data to say.

    Args:
        is_across: sources are lists that have no doubles inside.
        is_plain: a pair is certain and needs no others to agree with it.
    """
    records = lane.fetch("SELECT account_id, channel FROM cleaned ORDER BY account_id").to_pandas()
    if told.link == "one_to_one":
        sources = dict(zip(records["account_id"], records["channel"], strict=True)) if is_across else None
        grouped = one_to_one.partners(edges, bounds, sources)
    elif is_plain:
        grouped = clusters.components_at_hand(edges).to_pandas().rename(columns={"component": "cluster"})
    else:
        largest = max(bounds.largest_cluster, len(records))
        grouped = quick_groups.of_edges(edges, bounds.model_copy(update={"largest_cluster": largest})).to_pandas()
    both: pd.DataFrame = records.merge(grouped, "left", "account_id")
    both["customer_id"] = both.pop("cluster").fillna(both["account_id"])
    return both


def file_plan(lane: DuckDBLane, told: FileSettings, fields: tuple[Field, ...], conf: Settings) -> Plan:
    """The engine's plan; records without a usable value in any field are too few to learn from."""
    (counts,) = lane.fetch(
        "SELECT count(record_hash) AS usable, count(DISTINCT channel) AS sources FROM cleaned"
    ).to_pylist()
    usable, sources = counts["usable"], counts["sources"]
    if usable < conf.training.least_records:
        raise ConfigError(
            f"{usable} records have a usable field: too few to learn from",
            "--records",
            f"at least {conf.training.least_records} are needed",
        )
    parts = (*record_files.parts(fields), *(f.forms for f in fields if f.forms))
    return plan_of(conf, fields, parts, across=told.link == "one_to_one" and sources > 1)
