"""`lakehouse linkage --records FILE --fields YAML`: link any records, with the engine that links the customers.

DuckDB alone. The YAML says what the columns mean, and nothing else; bounds come from conf/identity.yaml.
"""

import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
import pydantic

from jobs.identity.grouping import quick_groups
from jobs.identity.matching import one_to_one
from jobs.identity.matching.engine import Engine
from jobs.identity.matching.lanes import DuckDBLane
from jobs.identity.matching.linkage import clustering, plan_of
from jobs.identity.matching.plan import Plan
from jobs.identity.matching.semantic_types import Field, fields_of
from jobs.identity.record_sets import record_files
from jobs.identity.settings.identity import FieldType, Settings
from lakehouse.config.documents import read_document
from lakehouse.config.fields import Listed, Word
from lakehouse.config.model import SettingsModel
from lakehouse.config.settings import build
from lakehouse.errors import ConfigError


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
    def columns(self) -> dict[str, str]:
        """Field -> SQL of its text."""
        made: dict[str, str] = {}
        for name, told in self.fields.items():
            columns = [record_files.quoted(column) for column in told.columns or (name,)]
            text = f"coalesce({', '.join(record_files.told(column) for column in columns)})"
            made |= record_files.split_name(name, text) if told.type == "full_name" else {name: text}
        return made

    @cached_property
    def typed(self) -> tuple[Field, ...]:
        """The fields as the engine takes them; a full name is two of them."""
        types: dict[str, str] = {}
        for name, told in self.fields.items():
            halves = {f"{name}_given": "given_name", f"{name}_family": "family_name"}
            types |= halves if told.type == "full_name" else {name: told.type}
        return fields_of(types)


@dataclass(frozen=True)
class FileLinkage:
    """What came out: account_id and customer_id of each record, the pairs kept, and how much work it was."""

    records: pd.DataFrame
    pairs: pd.DataFrame
    model: dict[str, Any]
    compared: int
    seconds: float


def settings_of(path: Path) -> FileSettings:
    """Read the YAML strictly: an unknown key or type is a ConfigError with file and line."""
    document = read_document(path)
    found = build(FileSettings, document)
    _ = found.typed
    return found


def link(files: list[Path], told: FileSettings, conf: Settings) -> FileLinkage:
    """Link the records of one or more files."""
    started = time.monotonic()
    lane = DuckDBLane()
    try:
        load(lane, files, told)
        return _linked(lane, told, conf, started)
    finally:
        lane.close()


def load(lane: DuckDBLane, files: list[Path], told: FileSettings) -> None:
    """Make `cleaned` from the files; several files are one source each."""
    source = "source_file" if len(files) > 1 else record_files.quoted(told.source) if told.source else "'records'"
    record_files.read(lane, "raw", files, told.id)
    account = record_files.account_id(told.id, source, len(files) > 1 or told.source is not None)
    lane.make("cleaned", record_files.cleaned("raw", told.columns, told.typed, account, source))


def _linked(lane: DuckDBLane, told: FileSettings, conf: Settings, started: float) -> FileLinkage:
    engine = Engine(lane, file_plan(lane, told, conf))
    engine.prepare()
    model = engine.learn()
    compared = engine.score(model, conf.clustering.keep_weight_bits, only_new=False)
    edges = lane.fetch("SELECT account_id_left, account_id_right, match_weight FROM scored")
    grouping = clustering(conf.clustering, model)
    grouped = (
        one_to_one.partners(edges, grouping.join_weight_bits)
        if told.link == "one_to_one"
        else quick_groups.of_edges(edges, grouping).to_pandas()
    )
    records = lane.fetch("SELECT account_id, channel FROM cleaned").to_pandas().merge(grouped, "left", "account_id")
    records["customer_id"] = records.pop("cluster").fillna(records["account_id"])
    return FileLinkage(records, edges.to_pandas(), model, compared, time.monotonic() - started)


def file_plan(lane: DuckDBLane, told: FileSettings, conf: Settings) -> Plan:
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
    parts = tuple(record_files.parts(told.typed))
    return plan_of(conf, told.typed, parts, across=told.link == "one_to_one" and sources > 1)
