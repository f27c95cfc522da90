"""Exports of each format on a small lake: landed events written as landing writes them, without its code."""

import hashlib
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.bronze import exports
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.lake.lake import Lake
from lakehouse.ops.run_log import Run
from tests.conftest import places

NIGHT = date(2017, 10, 2)
SUFFIX = {"csv": "csv", "json_lines": "jsonl", "parquet": "parquet"}


@dataclass
class Landed:
    """A lake with landed files."""

    folder: Path
    spark: SparkSession
    seq: int = 0
    last: dict[str, str] = field(default_factory=dict)  # newest file of each bronze table
    settings: exports.Settings = field(default_factory=lambda: Conf().settings("bronze", exports.Settings))

    @property
    def layer(self) -> Path:
        """The company's configuration layer."""
        return self.folder / "conf"

    def export(self, name: str, format_: str, columns: str) -> None:
        """Write an export's YAML."""
        (self.layer / "exports").mkdir(parents=True, exist_ok=True)
        text = f"export: {name}\nchannel: web\nfiles: '{name}_*'\nformat: {format_}\ncolumns: {columns}\ntargets: []\n"
        (self.layer / "exports" / f"{name}.yaml").write_text(text)

    def lake(self, run_date: date = NIGHT) -> Lake:
        """The lake as the night of run_date sees it."""
        conf = Conf([self.layer], overrides=places(self.folder))
        lake = Lake(self.spark, conf, conf.profile.lake, Run(f"run-{run_date}", run_date), Contracts(conf))
        return lake.for_job("bronze", "hash")

    def land(
        self, export: str, format_: str, content: bytes, columns: list[str], start: int = 0, line: int = 1, **more: Any
    ) -> None:
        """Put a file into the landing folder and its event into the ledger."""
        self.seq += 1
        file_id = hashlib.sha256(content).hexdigest()
        self.last[f"bronze.{export}"] = file_id
        path = f"landing/{file_id}.{SUFFIX[format_]}"
        file = self.folder / "lake" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        event = {
            "seq": self.seq,
            "run_id": "r",
            "run_date": NIGHT,
            "path": f"2017-10-02/{export}_{self.seq}",
            "export": export,
            "state": "received",
            "file_id": file_id,
            "landed_path": path,
            "columns": columns,
            "landed_bytes": len(content),
            "split_starts": [start],
            "split_lines": [line],
            **more,
        }
        lake = self.lake()
        lake.record("ops.files", [event])
        lake.flush("ops.files")

    def night(self, run_date: date = NIGHT) -> Lake:
        """Load bronze."""
        lake = self.lake(run_date)
        exports.run(lake, run_date, self.settings)
        return self.lake(run_date)


@pytest.fixture
def landed(spark: SparkSession, tmp_path: Path) -> Landed:
    """An empty lake of a company."""
    (tmp_path / "conf").mkdir()
    return Landed(tmp_path, spark)
