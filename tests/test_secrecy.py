"""After a whole night nothing but the tables themselves holds a personal value, and nothing at all the account key."""

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pyarrow as pa
import pytest
import yaml

from tests import kiosk
from tests.conftest import QUICK, places

TOKENS = ("zyxgiven", "zyxfamily", "zyxmail")  # what people of this company are called
MAY_HOLD = ("silver/customers/", "identity/golden_customers/", "bronze/", "landing/")  # data files; never their logs
KEY = "0123456789abcdef" * 4
ACCOUNT = "account: {key: mail, personal: true}"


class Night:
    """A night in a process of its own, with all that it left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        layer, drop = kiosk.write(folder)
        for file in drop.rglob("*_accounts_1.csv"):
            head, *rows = file.read_text().splitlines()
            file.write_text("\n".join([head, *map(named, rows)]) + "\n")
        for export in layer.glob("exports/*_accounts.yaml"):
            export.write_text(export.read_text().replace("account: {key: id}", ACCOUNT))
        (folder / "account.key").write_text(KEY)
        (folder / "account.key").chmod(0o600)
        own = {"event_logs": str(folder / "events"), "lineage_events": str(folder / "lineage"), "drop": str(drop)}
        java = {"spark.driver.extraJavaOptions": QUICK, "spark.driver.memory": "1500m"}
        (layer / "profiles").mkdir()
        profile = {**places(folder), **own, "spark": java}
        (layer / "profiles" / "local.yaml").write_text(yaml.safe_dump(profile))
        (folder / "tmp").mkdir(mode=0o700)
        self.layer, self.processes, self.javas = layer, set(), []
        self.run()

    def run(self) -> None:
        inside = {"SPARK_LOCAL_DIRS": str(self.folder / "tmp"), "TMPDIR": str(self.folder / "tmp")}
        command = [
            sys.executable,
            "-m",
            "lakehouse.cli.main",
            "night",
            "--log-level",
            "info",
            "--conf",
            str(self.layer),
        ]
        with (self.folder / "said.txt").open("wb") as said:
            night = subprocess.Popen(command, stdout=said, stderr=said, env={**os.environ, **inside})
            while night.poll() is None:
                self.look(psutil.Process(night.pid))
                time.sleep(1)
        self.code = night.returncode

    def look(self, night: psutil.Process) -> None:
        """What the list of processes shows of the night and of all that it starts."""
        try:
            for process in (night, *night.children(recursive=True)):
                self.processes.add(" ".join(process.cmdline()))
                if process.name() == "java" and process not in self.javas:
                    self.javas.append(process)
        except psutil.Error:
            return

    def files(self) -> list[Path]:
        mine = (self.folder / "company", self.folder / "drop", self.folder / "account.key")
        return [p for p in self.folder.rglob("*") if p.is_file() and not any(p.is_relative_to(one) for one in mine)]


def named(row: str) -> str:
    number, _, _, born, _ = row.split(",")
    letters = "".join(chr(ord("a") + int(digit)) for digit in number[1:])
    return f"{number},{TOKENS[0]}{letters},{TOKENS[1]}{letters},{born},{TOKENS[2]}{letters}@example.com"


def content(path: Path) -> bytes:
    if path.suffix in (".zstd", ".zst"):
        with pa.CompressedInputStream(pa.OSFile(str(path)), "zstd") as stream:
            return bytes(stream.read())
    return path.read_bytes()


@pytest.fixture(scope="module")
def night(tmp_path_factory) -> Night:
    done = Night(tmp_path_factory.mktemp("secrecy"))
    assert done.code == 0, (done.folder / "said.txt").read_text()[-2000:]
    return done


pytestmark = [pytest.mark.ci_night, pytest.mark.timeout(2400)]


def test_no_log_report_event_or_file_on_the_way_holds_a_personal_value(night):
    lake = night.folder / "lake"
    leaks = []
    for path in night.files():
        inside = path.relative_to(lake).as_posix() if path.is_relative_to(lake) else ""
        is_its_table = inside.startswith(MAY_HOLD) and "_delta_log" not in inside
        if not is_its_table and any(token.encode() in content(path).lower() for token in TOKENS):
            leaks.append(str(path.relative_to(night.folder)))
    kept = [p for p in leaks if p.startswith("copies/landing/")]  # copies of what was delivered
    assert sorted(set(leaks) - set(kept)) == []


def test_an_event_log_was_looked_at_and_says_much(night):
    logs = list((night.folder / "events").iterdir())
    assert sum(len(content(log)) for log in logs) > 100_000


def test_the_account_key_is_in_no_file_and_in_no_list_of_processes(night):
    assert [str(p) for p in night.files() if KEY.encode() in content(p)] == []
    assert any("java" in line for line in night.processes)
    assert [line for line in night.processes if KEY in line] == []


def test_nothing_is_left_where_spark_and_duckdb_put_what_they_spill(night):
    psutil.wait_procs(night.javas, timeout=120)  # Java clears up after itself when Python has ended
    left = [p for p in (night.folder / "tmp").rglob("*") if p.is_file()]
    assert left == []
    assert [p for p in (night.folder / "lake" / "_spill").rglob("*") if p.is_file()] == []


def test_all_that_a_night_makes_is_its_owners_alone(night):
    made = [night.folder / name for name in ("lake", "copies", "lineage", "reports", "events")]
    open_ones = [
        str(path.relative_to(night.folder))
        for place in made
        for path in (place, *place.rglob("*"))
        if stat.S_IMODE(path.stat().st_mode) & 0o007
    ]
    assert open_ones == []


def test_the_nights_events_tell_of_every_job_that_ran(night):
    (file,) = (night.folder / "lineage").glob("*.jsonl")
    events = [json.loads(line) for line in file.read_text().splitlines()]
    ended = {e["job"]["name"] for e in events if e["eventType"] == "COMPLETE"}
    assert {e["job"]["name"] for e in events if e["eventType"] == "START"} == ended
    assert {"night", "silver.orders", "gold.customer_rfm", "models.churn_scores"} <= ended
