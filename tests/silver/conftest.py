"""A company in a temporary folder: exports are written as YAML, lines land in bronze, jobs run by name."""

import importlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from jobs.silver.conforming.conform import Batch, with_judgement
from jobs.silver.conforming.latest import with_outcome
from jobs.silver.conforming.rules import Rules
from jobs.silver.conforming.sources import sources
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.lake.lake import Lake
from lakehouse.ops.run_log import Run
from tests.conftest import places

FIRST, SECOND, THIRD = date(2017, 10, 1), date(2017, 10, 2), date(2017, 10, 3)


class Outcome:
    """Units with their outcome."""

    def __init__(self, units: list[Row]) -> None:
        self.units = units

    def rows(self, *columns: str) -> list[tuple[Any, ...]]:
        """Some columns of the units that become rows, sorted."""
        kept = [u for u in self.units if not u["_reasons"] and u["_discard"] is None]
        return sorted((tuple(u[c] for c in columns) for u in kept), key=str)

    @property
    def aside(self) -> list[tuple[int, list[str]]]:
        """Line and reasons of what is set aside."""
        return sorted((u["_source_line"], u["_reasons"]) for u in self.units if u["_reasons"])

    @property
    def discarded(self) -> dict[str, int]:
        """Lines discarded by rule."""
        counts: Counter[str] = Counter()
        for unit in self.units:
            if unit["_discard"] is not None:
                counts[unit["_discard"]] += unit["_lines"]
        return dict(counts)


class Company:
    """Exports of a company, and its lake."""

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        self.spark, self.folder, self.layer = spark, folder, folder / "conf"
        (self.layer / "exports").mkdir(parents=True)
        self.recorded: list[dict[str, Any]] = []

    def export(self, name: str, channel: str, columns: str, *targets: dict[str, Any], **more: Any) -> None:
        """Write an export's YAML; columns are words."""
        document = {"export": name, "channel": channel, "files": f"{name}_*", "format": "csv"}
        document |= {"columns": {c: {} for c in columns.split()}, "targets": list(targets), **more}
        (self.layer / "exports" / f"{name}.yaml").write_text(yaml.safe_dump(document, sort_keys=False))

    def conf(self, name: str, document: dict[str, Any]) -> None:
        """Write a subject of this company's layer."""
        (self.layer / f"{name}.yaml").write_text(yaml.safe_dump(document, sort_keys=False))

    def lake(self, night: date, code: str = "code-1") -> Lake:
        """The lake as a job of that night sees it."""
        conf = Conf([self.layer], overrides=places(self.folder))
        lake = Lake(self.spark, conf, conf.profile.lake, Run(f"run-{night}", night), Contracts(conf))
        return lake.for_job("test", code)

    def lines(self, export: str, night: date, file: str, *lines: tuple[str | None, ...] | str) -> DataFrame:
        """Lines of a file in bronze's form; plain text is a line that did not parse. Line 1 is the header."""
        names = list(self.lake(night).conf.exports()[export].columns)
        rows = []
        for number, line in enumerate(lines, start=2):
            values, raw = ((None,) * len(names), line) if isinstance(line, str) else (line, None)
            rows.append((*values, f"{file}-sha", f"{night}/{file}", number, raw, night))
        schema = ", ".join(f"`{n}` STRING" for n in names)
        technical = "_file_id STRING, _source_file STRING, _source_line BIGINT, _malformed STRING, _run_date DATE"
        return self.spark.createDataFrame(rows, f"{schema}, {technical}")

    def batch(self, table: str, _in_parts: Iterable[str] = (), **deliveries: DataFrame) -> Batch:
        """Lines of some exports, as new ones for a table."""
        lake = self.lake(FIRST)
        targets = [s for s in sources(lake.conf.exports(), table) if s.export.name in deliveries]
        lines = [(s, deliveries[s.export.name].withColumn("_version", F.lit(1).cast("bigint"))) for s in targets]
        return Batch(lake, table, True, lines, frozenset(_in_parts))

    def outcome(self, table: str, rules: Rules, **deliveries: Any) -> "Outcome":
        """What the lines of some exports come to, without a lake: one Spark job."""
        return Outcome(self.outcomes(table, rules, **deliveries).collect())

    def outcomes(self, table: str, rules: Rules, **deliveries: Any) -> DataFrame:
        """The units of `outcome`."""
        batch = self.batch(table, **deliveries)
        judged = rules.apart(with_judgement(batch.units(), batch, rules))
        return with_outcome(judged, batch.contract, rules.order)

    def land(self, export: str, night: date, file: str, *lines: tuple[str | None, ...] | str) -> None:
        """Lines of a file come into bronze."""
        self.lake(night).append_bronze(export, self.lines(export, night, file, *lines), f"{night}/{file}")

    def run(self, table: str, night: date, code: str = "code-1") -> Lake:
        """Run a job of the room as the night does."""
        job = importlib.import_module(f"jobs.silver.{table}")
        lake = self.lake(night, code)
        conf = getattr(job, "CONF", None)
        job.run(lake, night, lake.conf.settings(conf, job.Settings) if conf else lake.profile)
        self.recorded += lake.run.buffers["ops.lineage"]
        return lake

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """Some columns of a table, sorted."""
        return sorted((tuple(row) for row in self.read(table).select(*columns).collect()), key=str)

    def read(self, table: str) -> DataFrame:
        """A table as it is now."""
        return self.lake(THIRD).read(table)

    def account(self, table: str) -> dict[str, Any]:
        """The newest line account of a table."""
        return [row for row in self.recorded if row["table"] == table][-1]

    def fingerprint(self, table: str, *but: str) -> list[Row]:
        """All rows, without some columns, to compare two lakes."""
        rows = self.read(table).drop(*but)
        return sorted(rows.select(F.to_json(F.struct(*sorted(rows.columns)))).collect())


@pytest.fixture
def company(spark: SparkSession, tmp_path: Path) -> Iterator[Company]:
    """An empty company."""
    return Company(spark, tmp_path)


def target(table: str, **columns: Any) -> dict[str, Any]:
    """A target of an export: columns by name; the other keys of a target with an underscore in front."""
    keys = {k[1:]: v for k, v in columns.items() if k.startswith("_")}
    return {"table": table, "columns": {k: v for k, v in columns.items() if not k.startswith("_")}, **keys}


def till(company: Company, **more: Any) -> None:
    """An export of receipts: one line per product, an order spread over lines."""
    key = {"key": "card"}
    orders = target(
        "silver.orders",
        _group_by=["receipt"],
        _account=key,
        order_id="concat('pos:', receipt)",
        ordered_at="try_to_timestamp(min(at))",
        total_cents="sum(cents(paid))",
        store_id="min(store)",
    )
    lines = target(
        "silver.order_lines",
        _account=key,
        order_id="concat('pos:', receipt)",
        product_id="product",
        quantity="number(pieces)",
        sales_cents="cents(paid)",
    )
    company.export("till", "pos", "card store receipt product pieces paid at", orders, lines, **more)
