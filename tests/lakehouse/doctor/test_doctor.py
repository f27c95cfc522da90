"""`lakehouse doctor` names what is wrong with a machine or a lake, and what to do."""

import json
import socket
import time
from pathlib import Path

import pyarrow as pa
from deltalake import write_deltalake

from lakehouse.config.layers import Conf
from lakehouse.doctor import diagnoses, lake, machine
from lakehouse.ops import lake_id, lock


def by_name(conf: Conf) -> dict[str, str]:
    return {item.name: f"{item.level}: {item.text} | {item.remedy}" for item in diagnoses(conf)}


def test_an_empty_lake_is_no_fault_and_missing_deliveries_are_said(conf):
    found = by_name(conf)
    assert found["lake"].startswith("warn: no tables")
    assert found["drop zone"].startswith("warn: nothing delivered")
    assert found["lock"].startswith("ok: free")
    assert found["account key"].startswith("ok")


def test_a_table_whose_newest_commit_is_broken_fails(conf):
    root = Path(conf.profile.lake)
    write_deltalake(f"{root}/gold/good", pa.table({"a": [1]}))
    write_deltalake(f"{root}/gold/bad", pa.table({"a": [1]}))
    assert by_name(conf)["lake"].startswith("ok: 2 tables")
    (root / "gold" / "bad" / "_delta_log" / "00000000000000000000.json").write_text('{"commitInfo"', encoding="utf-8")
    assert by_name(conf)["gold.bad"].startswith("fail: commit 0 is cut or empty")


def test_a_lock_shows_its_holder_and_whether_it_is_held(conf):
    root = conf.profile.lake
    assert by_name(conf)["lock"].startswith("ok: free")
    with lock.held(root, "night of 2024-01-01"):
        assert "held by night of 2024-01-01" in by_name(conf)["lock"]
        assert "wait for it" in by_name(conf)["lock"]
    assert by_name(conf)["lock"].startswith("ok: free")


def test_a_lock_that_a_killed_run_left_is_free(conf):
    path = Path(conf.profile.lake) / "_lock.json"
    path.parent.mkdir(parents=True)
    gone = {"pid": 2**22 + 1, "host": socket.gethostname(), "holder": "night of 2024-01-01", "since": time.time()}
    for message in (gone, {**gone, "lock": "_lock"}):
        path.write_text(json.dumps(message))
        assert "free, left by night of 2024-01-01" in by_name(conf)["lock"]
        assert "the next night goes on" in by_name(conf)["lock"]


def test_a_secret_that_others_can_read_is_warned_of_and_never_shown(conf, tmp_path):
    path = tmp_path / "account.key"
    path.write_text("sesame")
    path.chmod(0o644)
    found = by_name(conf)["account key"]
    assert found.startswith("warn")
    assert "chmod 600" in found
    assert "sesame" not in found


def test_a_lakes_id_is_shown_and_one_that_cannot_be_read_fails(conf):
    root = conf.profile.lake
    assert by_name(conf)["lake id"].startswith("ok: made by a night")
    assert lake_id.made(root) in by_name(conf)["lake id"]
    Path(root, lake_id.FILE).write_text("")
    assert by_name(conf)["lake id"].startswith("fail: ")
    assert "take the file from a backup" in by_name(conf)["lake id"]


def test_a_changed_jar_fails(tmp_path):
    assert machine._jars(tmp_path).level == "fail"


def test_packages_are_held_against_the_lock(tmp_path):
    path = tmp_path / "requirements.lock"
    path.write_text("PyYAML==0.0.1\nno_such_package==1.0 ; sys_platform == 'win32'\n")
    found = machine._packages(path)
    assert (found.level, found.text.split(": ")[0]) == ("warn", "1 differ from the lock")


def test_a_store_that_is_no_database_fails(tmp_path):
    path = tmp_path / "airflow.db"
    path.write_text("no database, though a long enough text to be taken for one" * 40)
    assert lake._store("Airflow", path, "dag").level == "fail"


def test_sizes_as_spark_writes_them():
    assert (machine._gib("4g"), machine._gib("512m")) == (4.0, 0.5)
