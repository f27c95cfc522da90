"""A small company: a drop zone, exports written as a user writes them, and a lake that needs no Spark."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
from pyspark.sql import SparkSession

from jobs.landing import files
from jobs.landing.settings.landing import Settings
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.lake.lake import Lake
from lakehouse.ops import tables as ops_tables
from lakehouse.ops.run_log import Run
from tests.conftest import places

NIGHT = date(2017, 10, 2)
CONTRACTS = Contracts(Conf())  # read once: no test changes them
ORDERS = """
export: {name}
channel: web
files: "{name}_*"
format: csv
columns: {{order_id: {{}}, city: {{}}, note: {{required: false}}}}
targets: []
{more}
"""


@dataclass
class Company:
    """Where files are dropped and what landing makes of them."""

    folder: Path
    settings: Settings
    layer: Path

    def drop(self, path: str, content: bytes) -> Path:
        """Deliver a file, `2017-10-01/orders_1.csv`."""
        file = self.folder / "drop" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return file

    def export(self, name: str, more: str = "", text: str = ORDERS) -> None:
        """Write an export's YAML."""
        (self.layer / "exports").mkdir(exist_ok=True)
        (self.layer / "exports" / f"{name}.yaml").write_text(text.format(name=name, more=more))

    def lake(self, run_date: date = NIGHT, spark: SparkSession | None = None) -> Lake:
        """The lake as the night of run_date sees it."""
        conf = Conf([self.layer], overrides=places(self.folder))
        run = Run(f"run-{run_date}", run_date)
        return Lake(cast(SparkSession, spark), conf, conf.profile.lake, run, CONTRACTS).for_job("test", "hash")

    def night(self, run_date: date = NIGHT, **changed: Any) -> list[dict[str, Any]]:
        """Land, and give the events that this night added."""
        before = len(self.events())
        files.run(self.lake(run_date), run_date, self.settings.replace(**changed))
        return self.events()[before:]

    def events(self) -> list[dict[str, Any]]:
        """The whole ledger."""
        return sorted(ops_tables.read(self.lake().path("ops.files")), key=lambda event: event["seq"])

    def landed(self, event: dict[str, Any]) -> bytes:
        """The landed copy that an event names."""
        return (self.folder / "lake" / event["landed_path"]).read_bytes()


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """A company with one CSV export, `orders`, whose files need not rest before they are taken."""
    layer = tmp_path / "conf"
    layer.mkdir()
    found = Company(tmp_path, Conf().settings("landing", Settings).replace(stable_seconds=0), layer)
    found.export("orders")
    return found


@pytest.fixture
def state(company: Company) -> Callable[..., tuple[str, str]]:
    """Drop one file, run a night, and give its state and reason."""

    def of(content: bytes, name: str = "orders_1.csv", **changed: Any) -> tuple[str, str]:
        company.drop(f"2017-10-01/{name}", content)
        (event,) = company.night(**changed)
        return event["state"], event["reason"] or ""

    return of
