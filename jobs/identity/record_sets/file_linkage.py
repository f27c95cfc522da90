"""`lakehouse linkage --records FILE --fields YAML`: link any records, with the linker of the customers.

DuckDB alone. The YAML says what the columns mean, and nothing else; bounds come from conf/identity.yaml.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from jobs.identity.cleaners import cleaning_settings
from jobs.identity.cleaners.cleaning_settings import Rules
from jobs.identity.grouping import clusters, quick_groups
from jobs.identity.matching import one_to_one
from jobs.identity.matching.comparisons import THRESHOLD
from jobs.identity.matching.engines import DuckDBEngine
from jobs.identity.matching.expectations import FOUND
from jobs.identity.matching.linkage import clustering, plan_of
from jobs.identity.matching.linker import Linker, Scored
from jobs.identity.matching.plan import Plan
from jobs.identity.matching.semantic_types import Field
from jobs.identity.record_sets import expected, record_cleaning, record_facts, record_files, text_linkage
from jobs.identity.record_sets.expected import Expected
from jobs.identity.record_sets.file_fields import FileSettings
from jobs.identity.record_sets.record_cleaning import Cleaner
from jobs.identity.settings.identity import Clustering, Settings
from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError

EDGE = "account_id_left, account_id_right, match_weight"
SURE_BITS = 12.0
NO_MODEL: dict[str, Any] = {}


@dataclass(frozen=True)
class FileLinkage:
    """What came out: account_id and customer_id of each record, the pairs kept, how much work it was.

    model: empty where one field alone could teach nothing, and where texts were compared as a whole. notes: what a
    reader must know. expected: how right the pairs say that this is.
    """

    records: pd.DataFrame
    pairs: pd.DataFrame
    model: dict[str, Any]
    compared: int
    seconds: float
    notes: tuple[str, ...] = ()
    expected: Expected = expected.NOTHING_JOINED


def link(files: list[Path], file_settings: FileSettings, conf: Settings, rules: Rules | None = None) -> FileLinkage:
    """Link the records of one or more files.

    Args:
        rules: conf/cleaning.yaml, as packaged where none are given.
    """
    started = time.monotonic()
    engine = DuckDBEngine()
    try:
        fields = load(engine, files, file_settings, conf, rules)
        return _linked(engine, file_settings, fields, conf, started)
    finally:
        engine.close()


def load(
    engine: DuckDBEngine, files: list[Path], file_settings: FileSettings, conf: Settings, rules: Rules | None = None
) -> tuple[Field, ...]:
    """Make `cleaned` from the files, and give its fields; several files are one source each.

    Raises:
        ConfigError: a file has not got a column of the YAML, a record has no key, or two have one.
    """
    several = len(files) > 1 or file_settings.source is not None
    by_column = record_files.quoted(file_settings.source) if file_settings.source else "'records'"
    source = record_files.quoted(record_files.SOURCE) if len(files) > 1 else by_column
    record_files.read(engine, "raw", files, file_settings.id)
    wanted = [column for inside in file_settings.names for column in file_settings.columns_of(inside)]
    there = engine.fetch("SELECT * FROM raw LIMIT 0").column_names
    record_files.require([*wanted, *([file_settings.source] if file_settings.source else [])], there, files[0].name)
    account = record_files.account_id(file_settings.id, source, several)
    texts = "".join(f", {sql} AS {name}" for name, sql in file_settings.texts(conf.junk.texts).items())
    engine.make("texts", f"SELECT {account} AS account_id, CAST({source} AS VARCHAR) AS channel{texts} FROM raw")
    _refuse_bad_keys(engine, files, file_settings.id)
    how = Cleaner(rules or cleaning_settings.rules(Conf()), conf.junk, date.today())
    rows, fields = record_cleaning.cleaned(engine.fetch("SELECT * FROM texts"), file_settings.typed, how)
    engine.put("texts", rows)
    clean = [f.name for f in fields if f.type in record_cleaning.BY_LAKE or f.name not in file_settings.types]
    clean += record_cleaning.chinese_lines(fields, file_settings.types)
    clean += [name for name in rows.column_names if name.endswith(record_cleaning.KEY)]
    columns = {f.name: f.name for f in fields}
    engine.make("cleaned", record_files.cleaned("texts", columns, fields, "account_id", "channel", clean))
    _forget_stand_ins(engine, fields, conf)
    return fields


def _refuse_bad_keys(engine: DuckDBEngine, files: list[Path], key: str) -> None:
    name = ", ".join(path.name for path in files)
    (counts,) = engine.fetch(
        "SELECT count(*) AS records, count(DISTINCT account_id) AS ids, "
        "count(CASE WHEN coalesce(account_id, '') = '' OR account_id LIKE '%:' THEN 1 END) AS missing FROM texts"
    ).to_pylist()
    if counts["missing"]:
        raise ConfigError(f"{counts['missing']:,} records have no '{key}'", name, "give each record an id of its own")
    if counts["ids"] < counts["records"]:
        twice = engine.fetch(
            "SELECT account_id FROM texts GROUP BY account_id HAVING count(*) > 1 ORDER BY account_id LIMIT 3"
        )
        shown = ", ".join(twice["account_id"].to_pylist())
        raise ConfigError(
            f"{counts['records'] - counts['ids']:,} records have the '{key}' of another ({shown})",
            name,
            "an id names one record; take out the copies, or name another column as id",
        )


def _forget_stand_ins(engine: DuckDBEngine, fields: Sequence[Field], conf: Settings) -> None:
    """Birth dates that stand for "unknown" are none."""
    days = ", ".join(record_files.text_literal(day) for day in conf.junk.birth_dates) or "''"
    for name in (f.name for f in fields if f.type == "birth_date"):
        parts = ", ".join(f"{column} = NULL" for column in (name, f"{name}_year", f"{name}_day_month"))
        engine.connection.execute(f"UPDATE cleaned SET {parts} WHERE {name} IN ({days})")


def _linked(
    engine: DuckDBEngine, file_settings: FileSettings, fields: tuple[Field, ...], conf: Settings, started: float
) -> FileLinkage:
    facts = record_facts.facts_of(engine, fields)
    plan = file_plan(engine, file_settings, facts.used, conf)
    if text_linkage.is_for(plan):
        return _of_texts(engine, file_settings, facts, conf, started)
    if len(facts.informative) < 2:
        model, scored, edges = NO_MODEL, None, _edges_of_one(engine, facts)
    else:
        model, scored = _scored(engine, plan, conf)
        edges = engine.fetch(f"SELECT {EDGE} FROM {scored.pairs}")
    records = _grouped(engine, edges, file_settings, clustering(conf.clustering, model), plan.across, not model)
    notes = record_facts.field_notes(facts, file_settings.shown_names)
    pairs = edges.to_pandas()
    if scored is not None and scored.keys is not None:
        sizes = records.groupby("customer_id").size().tolist()
        notes += [
            *record_facts.block_notes(engine, scored.keys, conf.blocking.largest_block),
            *record_facts.size_notes(sizes, conf.clustering.largest_cluster),
        ]
    compared = 0 if scored is None else scored.count
    is_one = file_settings.link == "one_to_one"
    found = model[THRESHOLD][FOUND] if model else 1.0
    sure = expected.of_things(records, pairs, plan.across, is_one, found=found) if model else expected.NOTHING_JOINED
    return FileLinkage(records, pairs, model, compared, time.monotonic() - started, tuple(notes), sure)


def _of_texts(
    engine: DuckDBEngine, file_settings: FileSettings, facts: record_facts.FieldFacts, conf: Settings, started: float
) -> FileLinkage:
    """Lists of texts without doubles, by the words that they share."""
    linked = text_linkage.linked(engine, facts.used)
    bounds = conf.clustering.model_copy(update={"join_weight_bits": linked.join_weight_bits})
    records = _grouped(engine, linked.edges, file_settings, bounds, is_across=True, is_plain=False)
    pairs = linked.edges.to_pandas()
    sure = expected.of_texts(expected.of_things(records, pairs, True, True, linked.expected_pairs))
    notes = (*record_facts.field_notes(facts, file_settings.shown_names), *linked.notes)
    return FileLinkage(records, pairs, NO_MODEL, linked.compared, time.monotonic() - started, notes, sure)


def _scored(engine: DuckDBEngine, plan: Plan, conf: Settings) -> tuple[dict[str, Any], Scored]:
    """The model, and the pairs that it keeps."""
    linker = Linker(engine, plan)
    linker.prepare()
    model = linker.learn()
    return model, linker.score(model, conf.clustering.keep_weight_bits, only_new=False)


def _edges_of_one(engine: DuckDBEngine, facts: record_facts.FieldFacts) -> pa.Table:
    """Pairs of records with one value, where that value names a thing, or where there is but one in every field."""
    (field,) = facts.used
    is_enough = field.type in record_facts.NAMES_A_THING or not facts.informative
    return engine.fetch(
        f"SELECT first AS account_id_left, account_id AS account_id_right, CAST({SURE_BITS} AS DOUBLE) AS match_weight "
        f"FROM (SELECT account_id, min(account_id) OVER (PARTITION BY {field.name}) AS first FROM cleaned "
        f"WHERE {field.name} IS NOT NULL AND {is_enough}) v WHERE first <> account_id"
    )


def _grouped(
    engine: DuckDBEngine,
    edges: pa.Table,
    file_settings: FileSettings,
    bounds: Clustering,
    is_across: bool,
    is_plain: bool,
) -> pd.DataFrame:
    """account_id, channel, customer_id of each record; how many records a thing has is for the data to say.

    Args:
        is_across: sources are lists that have no duplicates inside.
        is_plain: a pair is certain and needs no others to agree with it.
    """
    records = engine.fetch("SELECT account_id, channel FROM cleaned ORDER BY account_id").to_pandas()
    if file_settings.link == "one_to_one":
        sources = dict(zip(records["account_id"], records["channel"], strict=True)) if is_across else None
        grouped = one_to_one.partners(edges, bounds, sources)
    elif is_plain:
        grouped = clusters.components_in_memory(edges).to_pandas().rename(columns={"component": "cluster"})
    else:
        largest = max(bounds.largest_cluster, len(records))
        grouped = quick_groups.of_edges(edges, bounds.model_copy(update={"largest_cluster": largest})).to_pandas()
    both: pd.DataFrame = records.merge(grouped, "left", "account_id")
    both["customer_id"] = both.pop("cluster").fillna(both["account_id"])
    return both


def file_plan(engine: DuckDBEngine, file_settings: FileSettings, fields: tuple[Field, ...], conf: Settings) -> Plan:
    """The engine's plan; records without a usable value in any field are too few to learn from."""
    (counts,) = engine.fetch(
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
    return plan_of(conf, fields, parts, across=file_settings.link == "one_to_one" and sources > 1)
