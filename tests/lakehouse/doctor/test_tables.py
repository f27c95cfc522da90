"""Damages of tables: each is found, and its printed remedy works and loses nothing that cannot be made again."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from lakehouse.cli.main import main
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta.rs_tables import arrow_schema
from lakehouse.doctor import diagnoses
from lakehouse.ops import copies

LEDGER, RFM = "identity.customer_id_ledger", "gold.customer_rfm"
NIGHT = date(2024, 3, 1)


def commit(number: int) -> str:
    return f"_delta_log/{number:020d}.json"


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def data_file(table: Path) -> Path:
    return next(path for path in sorted(table.glob("*.parquet")))


def checkpoint(table: Path) -> Path:
    return next(path for path in sorted((table / "_delta_log").glob("*.checkpoint*.parquet")))


def without_first(table: Path) -> None:
    for path in (*(table / "_delta_log").glob("*.checkpoint*"), table / "_delta_log" / "_last_checkpoint"):
        path.unlink(missing_ok=True)
    (table / commit(0)).unlink()


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "table folder gone": (shutil.rmtree, "folder is gone"),
    "log gone": (lambda t: shutil.rmtree(t / "_delta_log"), "log is gone"),
    "log empty": (lambda t: [p.unlink() for p in (t / "_delta_log").iterdir()], "no commit"),
    "first commit missing": (without_first, "before 1 are missing"),
    "middle commit missing": (lambda t: (t / commit(2)).unlink(), "commit 2 is missing"),
    "last commits missing": (lambda t: [(t / commit(n)).unlink() for n in (4, 5)], "5 was published, 3 is the newest"),
    "last commit empty": (lambda t: (t / commit(5)).write_text(""), "commit 5 is cut"),
    "last commit cut": (lambda t: cut(t / commit(5)), "commit 5 is cut"),
    "middle commit cut": (lambda t: cut(t / commit(2)), "commit 2 is cut"),
    "commit of other text": (lambda t: (t / commit(4)).write_text("<html>"), "commit 4 is cut"),
    "pointer to nowhere": (
        lambda t: (t / "_delta_log" / "_last_checkpoint").write_text('{"version": 99, "size": 1}'),
        "names checkpoint 99",
    ),
    "pointer of no JSON": (lambda t: (t / "_delta_log" / "_last_checkpoint").write_text("{"), "cannot be read"),
    "checkpoint corrupt": (lambda t: cut(checkpoint(t)), "checkpoint 3 cannot be read"),
    "checkpoint gone": (lambda t: checkpoint(t).unlink(), "names checkpoint 3"),
    "data file gone": (lambda t: data_file(t).unlink(), "data files are missing"),
    "data file cut": (lambda t: cut(data_file(t)), "another size"),
    "data file empty": (lambda t: data_file(t).write_bytes(b""), "another size"),
}


def table(conf: Conf, name: str) -> Path:
    return Path(conf.profile.lake, *name.split("."))


def content(conf: Conf, name: str) -> pa.Table:
    return DeltaTable(str(table(conf, name))).to_pyarrow_table().sort_by("customer_id")


@pytest.fixture
def damaged_lake(conf: Conf) -> Conf:
    """A published night with a ledger and a derived table of six versions each, a checkpoint, and their copies."""
    contracts = Contracts(conf)
    for name in (LEDGER, RFM):
        for number in range(6):
            write_deltalake(str(table(conf, name)), pa.table({"customer_id": [f"c{number}"]}), mode="append")
            if number == 3:
                DeltaTable(str(table(conf, name))).create_checkpoint()
    row = {
        "run_id": "r",
        "run_date": NIGHT,
        "step": "night",
        "job": "night",
        "outcome": "published",
        "outputs": [(LEDGER, 5), (RFM, 5)],
        "started_at": datetime.now(UTC),
        "ended_at": datetime.now(UTC),
    }
    runs = pa.Table.from_pylist([row], arrow_schema(contracts["ops.runs"]))
    write_deltalake(str(table(conf, "ops.runs")), runs)
    copies.refresh(conf.profile.lake, conf.profile.copies, copies.originals(contracts[n] for n in contracts), NIGHT)
    return conf


def found(conf: Conf) -> dict[str, str]:
    return {item.name: f"{item.text} | {item.remedy}" for item in diagnoses(conf) if item.level == "fail"}


def options(conf: Conf, tmp_path: Path) -> list[str]:
    layer = tmp_path / "layer"
    layer.mkdir(exist_ok=True)
    profile = {name: getattr(conf.profile, name) for name in ("lake", "copies", "drop", "reports", "account_secret")}
    (layer / "profiles").mkdir(exist_ok=True)
    (layer / "profiles" / "local.yaml").write_text(json.dumps(profile))
    return ["--conf", str(layer)]


def test_a_whole_lake_has_no_damage(damaged_lake):
    assert found(damaged_lake) == {}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", [LEDGER, RFM])
def test_each_damage_is_found_and_its_remedy_loses_nothing_that_cannot_be_made_again(
    damaged_lake, tmp_path, capsys, damage, name
):
    before = content(damaged_lake, LEDGER)
    hurt, words = DAMAGES[damage]
    hurt(table(damaged_lake, name))

    faults = found(damaged_lake)

    assert words in faults[name]
    assert faults[name].split(" | ")[1].startswith(f"lakehouse restore {name}")
    assert main(["restore", name, *options(damaged_lake, tmp_path)]) == 0, capsys.readouterr().err
    assert content(damaged_lake, LEDGER) == before
    assert name not in found(damaged_lake) or "folder is gone" in found(damaged_lake)[name]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_original_never_goes_over_its_copy(damaged_lake, damage):
    before = content(damaged_lake, LEDGER)
    DAMAGES[damage][0](table(damaged_lake, LEDGER))
    done = copies.refresh(damaged_lake.profile.lake, damaged_lake.profile.copies, [LEDGER], NIGHT)
    kept = DeltaTable(str(Path(damaged_lake.profile.copies, *LEDGER.split(".")))).to_pyarrow_table()
    assert list(done.refused) == [LEDGER]
    assert kept.sort_by("customer_id") == before


def test_a_table_that_began_anew_never_goes_over_its_copy(damaged_lake):
    shutil.rmtree(table(damaged_lake, LEDGER))
    for number in range(9):
        write_deltalake(str(table(damaged_lake, LEDGER)), pa.table({"customer_id": [f"x{number}"]}), mode="append")
    done = copies.refresh(damaged_lake.profile.lake, damaged_lake.profile.copies, [LEDGER], NIGHT)
    assert done.refused == {LEDGER: "it is another table than the one copied"}


def test_an_altered_copy_is_not_used_and_nothing_is_touched(damaged_lake, tmp_path, capsys):
    copy = Path(damaged_lake.profile.copies, *LEDGER.split("."))
    path = data_file(copy)
    path.write_bytes(bytes(reversed(path.read_bytes())))
    shutil.rmtree(table(damaged_lake, LEDGER) / "_delta_log")

    assert "take its folder from a backup" in found(damaged_lake)[LEDGER]
    assert main(["restore", LEDGER, *options(damaged_lake, tmp_path)]) == 1
    assert "do not delete" in capsys.readouterr().err
    assert data_file(table(damaged_lake, LEDGER)).exists()


def test_what_was_left_of_a_table_stands_aside(damaged_lake, tmp_path):
    cut(table(damaged_lake, RFM) / commit(5))
    main(["restore", RFM, *options(damaged_lake, tmp_path)])
    assert (Path(damaged_lake.profile.lake) / "_aside" / f"{RFM}.1" / "_delta_log").is_dir()


def test_all_damaged_tables_are_restored_at_once(damaged_lake, tmp_path, capsys):
    cut(table(damaged_lake, LEDGER) / commit(5))
    data_file(table(damaged_lake, RFM)).unlink()
    assert main(["restore", "--damaged", *options(damaged_lake, tmp_path)]) == 0
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == [RFM, LEDGER]


def test_an_unknown_table_is_refused_with_the_nearest(damaged_lake, tmp_path, capsys):
    assert main(["restore", "gold.customer_rmf", *options(damaged_lake, tmp_path)]) == 2
    assert "did you mean 'gold.customer_rfm'" in capsys.readouterr().err


def test_a_copy_costs_only_what_is_new(damaged_lake):
    copy = Path(damaged_lake.profile.copies, *LEDGER.split("."))
    times = {path.name: path.stat().st_ino for path in copy.glob("*.parquet")}
    write_deltalake(str(table(damaged_lake, LEDGER)), pa.table({"customer_id": ["new"]}), mode="append")
    copies.refresh(damaged_lake.profile.lake, damaged_lake.profile.copies, [LEDGER], NIGHT)
    assert {name: copy.joinpath(name).stat().st_ino for name in times} == times
    assert copies.copy_of(damaged_lake.profile.copies, LEDGER) == (NIGHT, 6)
    assert Path(damaged_lake.profile.copies).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("hurt", [Path.unlink, cut])
def test_a_lost_landed_copy_is_found_and_comes_back(conf, tmp_path, capsys, hurt):
    contracts = Contracts(conf)
    landed = Path(conf.profile.lake) / "landing" / "a.csv"
    landed.parent.mkdir(parents=True)
    landed.write_text("a;b\n1;2\n")
    fields = arrow_schema(contracts["ops.files"])
    row = {
        "seq": 1,
        "run_id": "r",
        "run_date": NIGHT,
        "path": "x/a.csv",
        "state": "received",
        "landed_path": "landing/a.csv",
        "landed_bytes": landed.stat().st_size,
    }
    write_deltalake(str(table(conf, "ops.files")), pa.Table.from_pylist([row], fields))
    copies.refresh(conf.profile.lake, conf.profile.copies, ["ops.files"], NIGHT)
    hurt(landed)

    assert "lakehouse restore landing" in found(conf)["landed files"]
    assert main(["restore", "landing", *options(conf, tmp_path)]) == 0
    assert landed.read_text() == "a;b\n1;2\n"
    assert found(conf) == {}


def test_a_copy_whose_making_was_killed_before_its_record_is_whole_after_the_next_night(damaged_lake):
    copy = Path(damaged_lake.profile.copies, *LEDGER.split("."))
    (copy / copies.RECORD).unlink()
    assert copies.copy_of(damaged_lake.profile.copies, LEDGER) is None
    copies.refresh(damaged_lake.profile.lake, damaged_lake.profile.copies, [LEDGER], NIGHT)
    assert copies.copy_of(damaged_lake.profile.copies, LEDGER) == (NIGHT, 5)
