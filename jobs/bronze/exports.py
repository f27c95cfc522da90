"""Bronze: every line of every new file, unchanged, as text, with its file and line.

Reads   ops.files, and the landed copies it names
Writes  bronze.<export>, one row per exported line; append only
"""

import hashlib
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as t

from jobs.bronze.setting_aside.unreadable import (
    COPIED,
    Unreadable,
    lost,
    refusals,
    unreadable,
    without_refused,
)
from jobs.bronze.settings.bronze import Settings
from lakehouse.config.exports import Export
from lakehouse.delta import log as delta_log
from lakehouse.errors import LakehouseError
from lakehouse.files.read_parts import PartReader, UnlistedKeysError, dated, json_columns, read_side_by_side
from lakehouse.files.tasks import Part, Reading, bins, columns_of, parts_of, reading_of
from lakehouse.lake import append_lines
from lakehouse.lake.lake import Lake
from lakehouse.ops import tables as ops_tables

READS = ("ops.files",)
READS_PREVIOUS = ("bronze.*",)
WRITES = ("bronze.*",)
CONF = "bronze"
ONE_AT_A_TIME = threading.Lock()  # exports are loaded side by side, and the events of ops.files are numbered


@dataclass(frozen=True)
class Loading:
    """An export that is loaded, and by which settings on which day."""

    export: Export
    run_date: date
    settings: Settings
    nights: Mapping[tuple[str, str], date] = field(default_factory=dict)  # path and bytes of a file -> night it came

    def nights_of(self, parts: Iterable[Part]) -> dict[tuple[str, str], date]:
        """Per file of these parts the night that first took it: read again, a line keeps its place among versions."""
        files = {(part.source_file, part.file_id) for part in parts}
        return {file: self.nights.get(file, self.run_date) for file in files}

    @property
    def reading(self) -> Reading:
        """How its files are read."""
        settings = self.settings
        return reading_of(self.export.file_spec, settings.block_megabytes, settings.max_record_lines)


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Load the new files of every export; exports side by side, each with one append."""
    received = _received(lake)
    exports = [export for name, export in lake.conf.exports().items() if received.get(name)]
    with ThreadPoolExecutor(settings.exports_at_once) as pool:
        jobs = [
            pool.submit(
                load,
                lake,
                Loading(export, run_date, settings, first_nights(received[export.name])),
                received[export.name],
            )
            for export in exports
        ]
    failed = [job for job in jobs if job.exception()]
    if failed:
        raise failed[0].exception()  # type: ignore[misc]


def _received(lake: Lake) -> dict[str, list[dict[str, Any]]]:
    """The received files of each export in the order in which they came, and what was refused on being read again."""
    by_export: dict[str, list[dict[str, Any]]] = {}
    columns = [
        "seq",
        "run_date",
        "reading",
        "state",
        "landed_path",
        "landed_bytes",
        "columns",
        "split_starts",
        "split_lines",
    ]
    events = ops_tables.read(lake.path("ops.files"), [*columns, *COPIED])
    for event in without_refused(events):
        if event["state"] == "received" or (event["state"] == "refused" and event["reading"]):
            by_export.setdefault(event["export"], []).append(event)
    return by_export


def first_nights(received: list[dict[str, Any]]) -> dict[tuple[str, str], date]:
    """Path and bytes of each file -> the business day of the night that took it first."""
    nights: dict[tuple[str, str], date] = {}
    for event in sorted(received, key=lambda event: event["seq"]):
        nights.setdefault((event["path"], event["file_id"]), event["run_date"])
    return nights


def load(lake: Lake, loading: Loading, received: list[dict[str, Any]]) -> None:
    """Append what an export has received since its last append; nothing when there is nothing new.

    The append's commit names the last event it holds, so that what is loaded and the record of it are one.
    """
    export, settings = loading.export, loading.settings
    received = list(received)
    while new := _not_loaded(lake, export.name, received)[: settings.max_files_at_once]:
        if aside := set_aside(lake, loading, new, lost(new, lake.root)):
            received = [event for event in received if event["seq"] not in aside]
            continue
        afresh = _is_read_otherwise(new, received)
        digest = hashlib.sha256("".join(event["file_id"] for event in new).encode()).hexdigest()[:16]
        key = f"{new[-1]['seq']}:{digest}"
        parts = [part for event in new for part in parts_of(event, lake.root)]
        present = append_lines.present_columns(lake, export.name)
        if afresh:
            append_lines.clear(lake, export.name)
            lake.note(
                f"bronze.{export.name}", "all its lines were read again, since its YAML reads files otherwise now"
            )
        try:
            if present is not None and sum(part.size for part in parts) <= settings.embedded_megabytes << 20:
                append_here(lake, loading, parts, present, key)
            else:
                append_by_spark(lake, loading, parts, key)
        except Exception:
            faults = unreadable(new, lake.root, loading.reading, list(export.columns), settings.max_new_columns)
            if not (aside := set_aside(lake, loading, new, faults)):
                raise
            received = [event for event in received if event["seq"] not in aside]


def set_aside(lake: Lake, loading: Loading, new: list[dict[str, Any]], faults: dict[int, Unreadable]) -> frozenset[int]:
    """Refuse these files, so that the others of tonight and of other nights come in; their seqs."""
    if not faults:
        return frozenset()
    run = {"run_id": lake.run.run_id, "run_date": loading.run_date}
    with ONE_AT_A_TIME:
        first = 1 + max(event["seq"] for event in ops_tables.read(lake.path("ops.files"), ["seq"]))
        lake.record("ops.files", refusals(new, faults, run, first))
        lake.flush("ops.files")
    for event in new:
        if fault := faults.get(event["seq"]):
            lake.note(f"bronze.{loading.export.name}", f"{event['path']} was set aside: {fault.reason}; {fault.remedy}")
    return frozenset(faults)


def _is_read_otherwise(new: list[dict[str, Any]], received: list[dict[str, Any]]) -> bool:
    """Whether the table holds lines that were read in another way: they make room, since all files come again."""
    before = [event["reading"] for event in received if event["seq"] < new[0]["seq"]]
    return bool(before) and bool(before[-1]) and bool(new[0]["reading"]) and before[-1] != new[0]["reading"]


def append_here(lake: Lake, loading: Loading, parts: list[Part], present: list[str], key: str) -> None:
    """Read and append in this process: the quick way for what one machine holds."""
    export, reading = loading.export, loading.reading
    columns = [*export.columns, *present]

    def appended(json_names: list[str]) -> None:
        names = _checked(columns_of(parts, columns, json_names), loading)
        batches = read_side_by_side(parts, reading, names, loading.settings.parts_at_once)
        nights = loading.nights_of(parts)
        append_lines.append(lake, export.name, names, (dated(batch, nights) for batch in batches), key)

    try:
        appended([])
    except Exception as error:
        if UnlistedKeysError.__name__ not in str(error):
            raise
        appended(json_columns(parts, reading))


def append_by_spark(lake: Lake, loading: Loading, parts: list[Part], key: str) -> None:
    """Read and append by Spark's workers, for what is too much for one machine."""
    try:
        lake.append_bronze(loading.export.name, lines(lake.spark, loading, parts), key)
    except Exception as error:
        if UnlistedKeysError.__name__ not in str(error):
            raise
        rows = lines(lake.spark, loading, parts, look_first=True)
        lake.append_bronze(loading.export.name, rows, key)


def _not_loaded(lake: Lake, export: str, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    received = [event for event in events if event["state"] == "received"]
    table = f"bronze.{export}"
    last = delta_log.last_publish(lake.path(table))
    key = str(last.recorded.get("inputs_key", "")) if last else ""
    if key:
        return [event for event in received if event["seq"] > int(key.partition(":")[0])]
    if not lake.exists(table):
        return received
    # the log no longer reaches back to the last append: ask the rows themselves
    loaded = {row[0] for row in lake.read(table).select("_file_id").distinct().toLocalIterator()}
    return [event for event in received if event["file_id"] not in loaded]


def lines(spark: SparkSession, loading: Loading, parts: Sequence[Part], look_first: bool = False) -> DataFrame:
    """The rows of these files: the export's columns and any others they have, as text, and where each line stood.

    Args:
        look_first: collect the keys of every JSON line beforehand; else those of each file's first lines must do,
            and the rows fail with UnlistedKeysError where they do not.

    Raises:
        LakehouseError: the files would add more columns than `max_new_columns`.
    """
    reading, shares = loading.reading, bins(parts, loading.settings.task_megabytes << 20)
    json_names = _json_keys(spark, shares, reading) if look_first else []
    names = _checked(columns_of(parts, loading.export.columns, json_names), loading)
    read = PartReader(shares, reading, tuple(names))
    rows = spark.range(0, len(shares), 1, len(shares)).mapInArrow(read.lines, _row_schema(names))
    return rows.withColumn("_run_date", night_of_line(loading.nights_of(parts)))


def night_of_line(nights: Mapping[tuple[str, str], date]) -> Column:
    """The night that took a line's file."""
    of_day: dict[date, list[str]] = {}
    for (path, file_id), day in sorted(nights.items()):
        of_day.setdefault(day, []).append(f"{file_id}|{path}")
    usual, *others = sorted(of_day, key=lambda day: -len(of_day[day]))
    night = F.lit(usual)
    for day in others:
        night = F.when(F.concat_ws("|", "_file_id", "_source_file").isin(*of_day[day]), F.lit(day)).otherwise(night)
    return night


def _checked(names: list[str], loading: Loading) -> list[str]:
    export, settings = loading.export, loading.settings
    if len(names) - len(export.columns) > settings.max_new_columns:
        raise LakehouseError(
            f"its files have {len(names) - len(export.columns)} columns that the export does not list",
            f"bronze.{export.name}",
            "see whether the delimiter or header setting of the export fits its files",
        )
    return names


def _row_schema(names: Sequence[str]) -> t.StructType:
    text = [t.StructField(name, t.StringType()) for name in (*names, "_file_id", "_source_file")]
    return t.StructType(
        [*text, t.StructField("_source_line", t.LongType()), t.StructField("_malformed", t.StringType())]
    )


def _json_keys(spark: SparkSession, shares: list[list[Part]], reading: Reading) -> list[str]:
    """Every top-level key that the files use, by the name of its column: a reader must know them beforehand."""
    read = PartReader(shares, reading)
    used = spark.range(0, len(shares), 1, len(shares)).mapInArrow(read.json_keys, "key STRING").distinct()
    return sorted(row.key for row in islice(used.toLocalIterator(), 10_000))
