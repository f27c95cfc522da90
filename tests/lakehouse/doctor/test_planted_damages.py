"""Damages of a lake: each is named, and its remedy, run as printed, loses nothing that cannot be had again."""

import json
import re
import shlex
import shutil
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from lakehouse.cli.main import main
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import log as delta_log
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.doctor import lake as doctor
from lakehouse.ops import account_key, copies, lake_id, lock, reprocessing, rollback
from tests.conftest import places

NIGHT = date(2024, 3, 1)
LEDGER, DECISIONS = "identity.customer_id_ledger", "identity.steward_decisions"
FILES, RUNS = "ops.files", "ops.runs"
OF_OPS, DERIVED = (FILES, RUNS), ("bronze.shop", "silver.orders", "quarantine.orders")
ORIGINALS = (LEDGER, DECISIONS, *OF_OPS)
LANDED = "landing/a.csv"


class Place(NamedTuple):
    """A lake, with the folders beside it."""

    folder: Path
    conf: Conf

    @property
    def root(self) -> Path:
        return Path(self.conf.profile.lake)

    @property
    def copies(self) -> Path:
        return Path(self.conf.profile.copies)

    def table(self, name: str) -> Path:
        return Path(self.root, *name.split("."))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def other_bytes(path: Path) -> None:
    path.write_bytes(bytes(255 - byte for byte in path.read_bytes()))


def newest(table: Path) -> Path:
    return max((table / "_delta_log").glob("*.json"))


def first(table: Path) -> Path:
    return min((table / "_delta_log").glob("*.json"))


def data(table: Path) -> Path:
    return min(table.glob("*.parquet"))


OF_A_TABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "folder gone": (shutil.rmtree, "folder is gone"),
    "log gone": (lambda t: shutil.rmtree(t / "_delta_log"), "log is gone"),
    "first commit gone": (lambda t: first(t).unlink(), "are missing"),
    "newest commit cut": (lambda t: cut(newest(t)), "is cut or empty"),
    "data file gone": (lambda t: data(t).unlink(), "data files are missing"),
    "data file of other bytes": (lambda t: other_bytes(data(t)), "no Parquet files any more"),
}


def hurt_table(name: str, how: str) -> Callable[[Place], object]:
    return lambda place: OF_A_TABLE[how][0](place.table(name))


def begun_restore(place: Place) -> None:
    (place.root / rollback.JOURNAL).write_text(json.dumps({"night": str(NIGHT)}))


def left_lock(place: Place, text: str) -> None:
    (place.root / lock.MESSAGE).write_text(text)


class Damage(NamedTuple):
    """What is done to a lake, and the line of the doctor's report that must name it with these words."""

    hurt: Callable[[Place], object]
    line: str
    words: str


GONE_HOLDER = json.dumps({"pid": 2**22 + 1, "host": "h", "holder": "night", "since": time.time(), "lock": "_lock"})
DAMAGES: dict[str, Damage] = {
    **{f"{t}: {how}": Damage(hurt_table(t, how), t, OF_A_TABLE[how][1]) for t in OF_OPS for how in OF_A_TABLE},
    **{
        f"{t}: {how}": Damage(hurt_table(t, how), t, OF_A_TABLE[how][1])
        for t in (LEDGER, DECISIONS)
        for how in ("folder gone", "data file of other bytes")
    },
    **{
        f"{t}: {how}": Damage(hurt_table(t, how), t, OF_A_TABLE[how][1])
        for t in DERIVED
        for how in ("folder gone", "newest commit cut")
    },
    "landed copy gone": Damage(lambda p: (p.root / LANDED).unlink(), "landed files", "gone or cut"),
    "landed copy cut": Damage(lambda p: cut(p.root / LANDED), "landed files", "gone or cut"),
    "all landed copies gone": Damage(lambda p: shutil.rmtree(p.root / "landing"), "landed files", "1 landed copies"),
    "lake's id gone": Damage(lambda p: (p.root / lake_id.FILE).unlink(), "lake's own files", lake_id.FILE),
    "lake's id empty": Damage(lambda p: (p.root / lake_id.FILE).write_text(""), "lake's own files", lake_id.FILE),
    "record of the key gone": Damage(lambda p: (p.root / account_key.FILE).unlink(), "lake's own files", "_account"),
    "record of the key cut": Damage(lambda p: cut(p.root / account_key.FILE), "lake's own files", "_account"),
    "copy altered": Damage(lambda p: other_bytes(data(p.copies / "identity" / "customer_id_ledger")), "copies", LEDGER),
    "copy's record gone": Damage(lambda p: (p.copies / "ops" / "files" / copies.RECORD).unlink(), "copies", FILES),
    "copies gone": Damage(lambda p: shutil.rmtree(p.copies), "copies", "4 copies"),
    "restore not ended": Damage(begun_restore, "restore", "did not come to its end"),
}
BY_HAND: dict[str, Damage] = {
    "account key gone": Damage(lambda p: (p.folder / "account.key").unlink(), "account key", "key is gone"),
    "another account key": Damage(
        lambda p: (p.folder / "account.key").write_text("other"), "account key", "not the account key"
    ),
}
HARMLESS: dict[str, Callable[[Place], object]] = {
    "lock of a run that was killed": lambda p: left_lock(p, GONE_HOLDER),
    "lock that is no JSON": lambda p: left_lock(p, "{"),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """A published night: what cannot be made again, what can, a landed file, the key, and the copies."""
    folder = tmp_path_factory.mktemp("whole")
    conf = Conf(overrides=places(folder))
    root, contracts = Path(conf.profile.lake), Contracts(conf)
    for name in (LEDGER, DECISIONS, *DERIVED):
        for number in range(3):
            write_deltalake(str(Path(root, *name.split("."))), pa.table({"id": [f"{name} {number}"]}), mode="append")
    (root / "landing").mkdir()
    (root / LANDED).write_text("a;b\n1;2\n")
    file = {"seq": 1, "run_id": "r", "run_date": NIGHT, "path": f"{NIGHT}/a.csv", "state": "received"}
    file |= {"landed_path": LANDED, "landed_bytes": 8}
    for number in range(2):
        row = arrow_rows(contracts, FILES, file | {"seq": number + 1})
        write_deltalake(str(root / "ops" / "files"), row, mode="append")
    lake_id.made(str(root))
    account_key.check(conf, str(root))
    versions = [(name, 2) for name in (LEDGER, DECISIONS, *DERIVED)] + [(FILES, 1), (RUNS, 0)]
    night = {"run_id": "r", "run_date": NIGHT, "step": "night", "job": "night", "outcome": "published"}
    night |= {"outputs": versions, "started_at": datetime.now(UTC), "ended_at": datetime.now(UTC)}
    job = night | {"job": "silver.orders", "outcome": "done", "outputs": []}
    for row in (job, night):
        write_deltalake(str(root / "ops" / "runs"), arrow_rows(contracts, RUNS, row), mode="append")
    copies.refresh(str(root), conf.profile.copies, copies.originals(contracts[n] for n in contracts), NIGHT)
    return folder


def arrow_rows(contracts: Contracts, table: str, row: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([row], arrow_schema(contracts[table]))


@pytest.fixture
def place(whole: Path, tmp_path: Path) -> Place:
    """The lake, for one test to hurt."""
    shutil.copytree(whole, tmp_path / "here")
    return Place(tmp_path / "here", Conf(overrides=places(tmp_path / "here")))


def named(place: Place) -> dict[str, tuple[str, str]]:
    """Line of the doctor's report -> what it says, and the remedy, where something must be done."""
    lines = doctor.diagnoses(place.conf)
    return {item.name: (item.text, item.remedy) for item in lines if item.level == "fail" and item.name != "drop zone"}


def follow(place: Place, remedy: str) -> None:
    """Run the command that a remedy begins with."""
    command = re.match(r"lakehouse ([^(]*)", remedy)
    assert command, f"no command: {remedy}"
    layer = place.folder / "layer"
    (layer / "profiles").mkdir(parents=True, exist_ok=True)
    keys = ("lake", "copies", "drop", "reports", "account_secret")
    profile = {key: getattr(place.conf.profile, key) for key in keys}
    (layer / "profiles" / "local.yaml").write_text(json.dumps(profile))
    assert main([*shlex.split(command[1]), "--conf", str(layer)]) == 0


def kept(place: Place) -> dict[str, Any]:
    """What cannot be had again."""
    rows = {t: sorted(map(str, DeltaTable(str(place.table(t))).to_pyarrow_table().to_pylist())) for t in ORIGINALS}
    rows[RUNS] = [row for row in rows[RUNS] if "went_back" not in row]
    return rows | {name: (place.root / name).read_text() for name in (LANDED, lake_id.FILE, account_key.FILE)}


def test_a_whole_lake_has_no_damage(place):
    assert named(place) == {}


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_damage_is_named_and_its_remedy_as_printed_loses_nothing_that_cannot_be_had_again(place, damage):
    before = kept(place)
    DAMAGES[damage].hurt(place)

    text, remedy = named(place)[DAMAGES[damage].line]
    assert DAMAGES[damage].words in text
    follow(place, remedy)

    assert kept(place) == before
    left = {line: text for line, (text, _) in named(place).items()}
    assert set(left.values()) <= {"its folder is gone"}  # of what the next night makes again
    assert set(left) <= set(DERIVED)


@pytest.mark.parametrize("damage", BY_HAND)
def test_a_lost_key_is_named_and_the_lakes_own_is_known_when_it_comes_back(place, damage):
    key = (place.folder / "account.key").read_text()
    BY_HAND[damage].hurt(place)
    text, remedy = named(place)["account key"]
    assert BY_HAND[damage].words in text
    assert "put" in remedy
    (place.folder / "account.key").write_text(key)
    assert named(place) == {}


@pytest.mark.parametrize("damage", HARMLESS)
def test_what_a_killed_run_leaves_needs_nobody(place, damage):
    HARMLESS[damage](place)
    assert named(place) == {}
    with lock.held(str(place.root), "the next night"):
        pass


def test_a_quarantine_made_again_asks_for_its_lines_to_be_judged_again(place):
    shutil.rmtree(place.table("quarantine.orders"))
    follow(place, named(place)["quarantine.orders"][1])
    assert [request.table for request in reprocessing.waiting(str(place.root))] == ["silver.orders"]


def test_an_original_hurt_in_the_middle_of_a_later_night_takes_all_tables_back_to_the_copys_night(place):
    contracts, later = Contracts(place.conf), date(2024, 3, 2)
    for name in (LEDGER, "silver.orders"):
        write_deltalake(str(place.table(name)), pa.table({"id": ["half a night"]}), mode="append")
    done = {"run_id": "s", "run_date": later, "step": "load", "job": "silver.orders", "outcome": "done"}
    done |= {"started_at": datetime.now(UTC), "ended_at": datetime.now(UTC)}
    write_deltalake(str(place.table(RUNS)), arrow_rows(contracts, RUNS, done), mode="append")
    cut(newest(place.table(LEDGER)))

    remedy = named(place)[LEDGER][1]
    assert remedy.startswith(f"lakehouse restore --to-night {NIGHT}")
    follow(place, remedy)

    assert named(place) == {}
    assert {delta_log.latest_version(str(place.table(name))) for name in (LEDGER, "silver.orders")} == {2}


@pytest.mark.parametrize(
    ("table", "command"),
    [(RUNS, "plan"), (RUNS, "summary"), (RUNS, "night"), (RUNS, "sql 'SELECT * FROM ops.runs'"), (FILES, "summary")],
)
def test_a_damaged_table_is_explained_by_every_command_and_never_by_a_trace(place, table, command, capsys):
    cut(newest(place.table(table)))
    layer = place.folder / "layer"
    (layer / "exports").mkdir(parents=True)
    places_of = [f"--{name}={getattr(place.conf.profile, name)}" for name in ("lake", "drop")]

    code = main([*shlex.split(command), "--conf", str(layer), *places_of])

    said = capsys.readouterr()
    assert code in (1, 2, 3)
    assert "doctor" in said.err
    assert "Traceback" not in said.err + said.out
