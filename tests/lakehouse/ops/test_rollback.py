"""A lake goes back to a night: every table as that night published it, and what cannot be had again is kept."""

import json
import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import CommitProperties, DeltaTable, write_deltalake
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import examine
from lakehouse.delta import log as delta_log
from lakehouse.delta.log import table_path
from lakehouse.errors import ConfigError, LakehouseError
from lakehouse.ops import copies, damages, rollback
from lakehouse.ops import tables as ops_tables
from lakehouse.ops.history import History
from lakehouse.runs import going_back
from lakehouse.storage.paths import RemotePath, below
from tests.conftest import places

FIRST = date(2024, 3, 1)
LEDGER, RFM, LATER, DECISIONS = (
    "identity.customer_id_ledger",
    "gold.customer_rfm",
    "gold.segments",
    "identity.steward_decisions",
)


def night(number: int) -> date:
    return FIRST + timedelta(days=number)


@dataclass
class Nights:
    """A lake whose nights are a few commits each."""

    conf: Conf
    seq: int = 0
    content: dict[date, dict[str, list[Any]]] = field(default_factory=dict)

    @property
    def root(self) -> str:
        return self.conf.profile.lake

    def write(self, table: str, rows: list[dict[str, Any]], run_date: date, mode: str = "append") -> None:
        metadata = {"userMetadata": json.dumps({"run_date": str(run_date)})}
        properties = CommitProperties(custom_metadata=metadata)
        table_rows = pa.Table.from_pylist(rows)
        write_deltalake(table_path(self.root, table), table_rows, mode=mode, commit_properties=properties)  # type: ignore[call-overload]

    def receive(self, path: str, run_date: date, text: str) -> None:
        """A file is in the drop zone, landed and in the ledger."""
        self.seq += 1
        for place in (Path(self.conf.profile.drop, path), below(self.root, "landing", f"{self.seq}.csv")):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        changed = Path(self.conf.profile.drop, path).stat().st_mtime_ns
        event = {"seq": self.seq, "run_id": "r", "run_date": run_date, "path": path, "state": "received"}
        event |= {"landed_path": f"landing/{self.seq}.csv", "landed_bytes": len(text), "modified_ns": changed}
        ops_tables.append(table_path(self.root, "ops.files"), Contracts(self.conf)["ops.files"], [event], "r")

    def publish(self, run_date: date) -> None:
        """The night's manifest, and the copies."""
        names = [t for t in damages.tables_of(self.root) if t != "ops.runs"]
        versions = [(t, delta_log.latest_version(table_path(self.root, t))) for t in names]
        now = datetime.now(UTC)
        row = {"run_id": f"r{run_date}", "run_date": run_date, "step": "night", "job": "night", "outcome": "published"}
        row |= {"outputs": versions, "started_at": now, "ended_at": now}
        contracts = Contracts(self.conf)
        ops_tables.append(table_path(self.root, "ops.runs"), contracts["ops.runs"], [row], "r")
        self.content[run_date] = self.state()
        originals = copies.originals(contracts[name] for name in contracts)
        copies.refresh(self.root, self.conf.profile.copies, originals, run_date)

    def state(self) -> dict[str, list[Any]]:
        """Every table's rows, but those of the log of what ran."""
        names = [t for t in damages.tables_of(self.root) if t == "ops.files" or not t.startswith("ops.")]
        paths = {t: table_path(self.root, t) for t in names if exists(table_path(self.root, t))}
        return {t: sorted(DeltaTable(p).to_pyarrow_table().to_pylist(), key=str) for t, p in paths.items()}


def exists(path: str) -> bool:
    return delta_log.latest_version(path) is not None


def run_nights(nights: Nights, count: int, seed: int, first: int = 0) -> None:
    """Nights that write, write over, merge nothing, leave out, make checkpoints and compact, by chance."""
    for number in range(first, count):
        chance, day = random.Random(f"{seed}-{number}"), night(number)
        nights.receive(f"{day}/a.csv", day, f"n\n{number}\n")
        for table in (LEDGER, RFM, *([LATER] if number > 1 else [])):
            for commit in range(chance.randint(0, 3) if number else 1):
                mode = "overwrite" if table == RFM and chance.random() < 0.5 else "append"
                nights.write(table, [{"customer_id": f"c{number}.{commit}", "n": number}], day, mode)
            path = table_path(nights.root, table)
            if exists(path) and chance.random() < 0.3:
                DeltaTable(path).create_checkpoint()
            if exists(path) and chance.random() < 0.2:
                DeltaTable(path).optimize.compact()
        nights.publish(day)


@pytest.fixture
def nights(conf: Conf) -> Nights:
    return Nights(conf)


@settings(max_examples=4)
@given(count=st.integers(2, 5), back=st.integers(0, 3), seed=st.integers(0, 9999), crash=st.integers(0, 30))
def test_going_back_gives_that_nights_tables_and_going_on_gives_the_same_again(
    tmp_path_factory, count, back, seed, crash
):
    lake = Nights(Conf(overrides=places(tmp_path_factory.mktemp("nights"))))
    goes_back_and_on(lake, count, back, seed, crash)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("count", "back", "seed", "crash"), [(3, 0, 11, 0), (4, 1, 12, 3), (5, 2, 13, 9), (4, 0, 14, 40)]
)
def test_a_lake_in_an_object_store_goes_back_and_on_alike(bucket, tmp_path, count, back, seed, crash):
    there = {"lake": f"{bucket}/back-{seed}", "copies": str(tmp_path / "copies")}
    goes_back_and_on(Nights(Conf(overrides=places(tmp_path) | there)), count, back, seed, crash)


def goes_back_and_on(lake: Nights, count: int, back: int, seed: int, crash: int) -> None:
    run_nights(lake, count, seed)
    to, was, seq = night(min(back, count - 1)), dict(lake.content), lake.seq

    crashing_to_night(lake.conf, to, crash)
    going_back.to_night(lake.conf, to)

    assert lake.state() == was[to]
    assert damages.damaged(lake.root) == {}
    assert History(lake.root).nights() == [n for n in was if n <= to]
    lake.seq = len(History(lake.root).nights())
    run_nights(lake, count, seed, first=lake.seq)
    assert {n: without_times(s) for n, s in lake.content.items()} == {n: without_times(s) for n, s in was.items()}
    assert lake.seq == seq


def without_times(state: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {
        table: [{k: v for k, v in row.items() if k != "modified_ns"} for row in rows] for table, rows in state.items()
    }


def crashing_to_night(conf: Conf, to: date, after: int) -> None:
    """Begin to go back, and end after so many files were moved."""
    moved = [0]

    def counting(replace: Callable[..., Any]) -> Callable[..., Any]:
        def counted(path: Path, target: Path) -> Any:
            moved[0] += 1
            if moved[0] > after:
                raise KeyboardInterrupt
            return replace(path, target)

        return counted

    with pytest.MonkeyPatch.context() as patched:
        for kind in (Path, RemotePath):
            patched.setattr(kind, "replace", counting(kind.replace))
        with suppress(KeyboardInterrupt):
            going_back.to_night(conf, to)


def test_a_restore_that_did_not_end_is_refused_by_all_but_itself(nights):
    run_nights(nights, 3, seed=1)
    crashing_to_night(nights.conf, night(0), after=2)
    if rollback.begun(nights.root):
        with pytest.raises(LakehouseError, match=f"lakehouse restore --to-night {night(0)}"):
            rollback.refuse_half(nights.root)
        with pytest.raises(ConfigError, match="did not come to its end"):
            going_back.to_night(nights.conf, night(1))


def test_decisions_of_later_nights_wait_for_the_nights_that_took_them(nights):
    for number in range(3):
        row = {"account_id_left": f"a{number}", "account_id_right": "b", "decided_on": night(number)}
        nights.write(DECISIONS, [row], night(number))
        nights.publish(night(number))

    going_back.to_night(nights.conf, night(0))

    inbox = Path(nights.root, "_decisions")
    assert sorted(p.name for p in inbox.iterdir()) == [str(night(1)), str(night(2))]
    rollback.release(nights.root, "_decisions", night(1))
    (waiting,) = inbox.glob("*.json")
    assert [row["account_id_left"] for row in json.loads(waiting.read_text())] == ["a1"]


def test_a_delivery_that_left_the_drop_zone_is_put_back_as_it_was(nights):
    run_nights(nights, 3, seed=2)
    before = Path(nights.conf.profile.drop, f"{night(2)}/a.csv").stat().st_mtime_ns
    shutil.rmtree(nights.conf.profile.drop)

    going_back.to_night(nights.conf, night(1))

    place = Path(nights.conf.profile.drop, f"{night(2)}/a.csv")
    assert (place.read_text(), place.stat().st_mtime_ns) == ("n\n2\n", before)
    assert not Path(nights.conf.profile.drop, f"{night(1)}/a.csv").exists()  # that night stands


def test_a_file_that_came_late_is_held_back_for_the_night_that_took_it(nights):
    run_nights(nights, 2, seed=3)
    nights.receive(f"{night(0)}/late.csv", night(2), "n\n9\n")
    nights.receive(f"{night(0)}/old.zip/late.csv", night(2), "n\n9\n")
    nights.publish(night(2))

    going_back.to_night(nights.conf, night(0))

    is_early = rollback.is_early(nights.root, night(1))
    early = [name for name in ("late.csv", "old.zip", "a.csv") if is_early(f"{night(0)}/{name}")]
    assert early == ["late.csv", "old.zip"]
    assert not rollback.is_early(nights.root, night(2))(f"{night(0)}/late.csv")


def test_files_that_are_nowhere_any_more_are_named_before_anything_changes(nights):
    run_nights(nights, 3, seed=4)
    before = nights.state()
    for folder in (nights.conf.profile.drop, f"{nights.root}/landing", f"{nights.conf.profile.copies}/landing"):
        shutil.rmtree(folder)

    with pytest.raises(LakehouseError, match=rf"nothing is kept of 1 files .*{night(2)}/a\.csv"):
        going_back.to_night(nights.conf, night(1))

    assert nights.state() == before
    assert rollback.begun(nights.root) is None


def test_an_original_without_its_files_of_then_is_refused_and_a_derived_table_is_made_again(nights):
    run_nights(nights, 3, seed=5)
    vacuumed(nights, RFM, 0)
    done = going_back.to_night(nights.conf, night(0))
    assert RFM in done.later
    assert examine.faults(table_path(nights.root, RFM)) == ["its folder is gone"]


def test_an_original_that_cannot_go_back_keeps_the_lake_as_it_is(nights):
    run_nights(nights, 3, seed=6)
    vacuumed(nights, LEDGER, 0)
    before = nights.state
    with pytest.raises(LakehouseError, match="1 tables that cannot be made again cannot go back"):
        going_back.to_night(nights.conf, night(0))
    assert before


def test_a_damaged_original_goes_back_by_its_copy_of_that_night(nights):
    run_nights(nights, 3, seed=7)
    was = nights.content[night(2)]
    nights.write(LEDGER, [{"customer_id": "half a night", "n": 3}], night(3))
    shutil.rmtree(Path(table_path(nights.root, LEDGER), "_delta_log"))

    going_back.to_night(nights.conf, night(2))

    assert nights.state() == was


def test_copies_of_later_nights_are_kept_beside(nights):
    run_nights(nights, 3, seed=8)
    going_back.to_night(nights.conf, night(0))
    assert copies.copy_of(nights.conf.profile.copies, LEDGER)[0] == night(0)
    assert any(Path(nights.conf.profile.copies, "_aside").glob(f"{LEDGER}.*"))


def test_a_night_that_was_not_published_is_refused_with_the_last_ones(nights):
    run_nights(nights, 2, seed=9)
    with pytest.raises(ConfigError, match=f"no published night of {night(5)}.*{night(1)}"):
        going_back.to_night(nights.conf, night(5))


def vacuumed(nights: Nights, table: str, version: int) -> None:
    """A version's files are gone, as after a VACUUM."""
    path = table_path(nights.root, table)
    nights.write(table, [{"customer_id": "new", "n": 99}], night(2), "overwrite")
    for name in DeltaTable(path, version=version).file_uris():
        Path(name).unlink()
    copy = Path(table_path(nights.conf.profile.copies, table))
    shutil.rmtree(copy, ignore_errors=True)
