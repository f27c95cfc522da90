"""Paths of an object store speak as pathlib's do; small tables, files and a workplace are kept there."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta import log as delta_log
from lakehouse.errors import ConfigError, MachineError
from lakehouse.files.read_parts import _open
from lakehouse.ops import account_key, whole_file
from lakehouse.ops import tables as ops_tables
from lakehouse.ops.history import History
from lakehouse.runs import companies, going_back, object_store, replay
from lakehouse.storage import trees, workplace
from lakehouse.storage.paths import below
from lakehouse.storage.places import s3_options
from tests.conftest import places


@pytest.mark.slow
def test_a_bucket_itself_may_be_the_root(bucket):
    whole_file.write(below(bucket, "_inbox_of_the_bucket", "a.json"), "{}")

    assert "_inbox_of_the_bucket" in [path.name for path in below(bucket).iterdir()]
    assert [str(path) for path in below(bucket).glob("_inbox_of*/*.json")] == [f"{bucket}/_inbox_of_the_bucket/a.json"]


def exercised(root: str) -> list[object]:
    """What the same steps give, wherever the root is."""
    inbox = below(root, "_inbox")
    seen: list[object] = [inbox.exists(), inbox.is_dir(), sorted(inbox.glob("*.json"))]
    for name in ("b.json", "a.json", "c.txt"):
        whole_file.write(inbox / name, f"{name} ü")
    seen += [[p.name for p in sorted(inbox.glob("*.json"))], [p.stem for p in sorted(inbox.iterdir())]]
    seen += [(inbox / "a.json").read_text(encoding="utf-8"), (inbox / "a.json").stat().st_size]
    (inbox / "a.json").unlink()
    (inbox / "a.json").unlink(missing_ok=True)
    seen += [(inbox / "a.json").exists(), inbox.is_dir(), any(below(root).glob("*/*.json")), inbox.parent.is_file()]
    for ask in (lambda p: p.read_text(), lambda p: p.stat(), lambda p: p.unlink()):
        with pytest.raises(FileNotFoundError):
            ask(inbox / "a.json")
    return seen


@pytest.mark.slow
def test_folders_are_listed_moved_and_removed_whole_in_an_object_store_too(bucket, tmp_path):
    assert moved_about(f"{bucket}/trees") == moved_about(str(tmp_path))


def moved_about(root: str) -> list[object]:
    """What the same steps with folders give, wherever the root is."""
    table = below(root, "gold", "a")
    for name in ("part-1.parquet", "_delta_log/00.json", "_delta_log/01.json"):
        whole_file.write(below(str(table), name), name)
    whole_file.write(below(root, "gold", "ab", "part-2.parquet"), "a neighbour whose name begins alike")
    seen: list[object] = [trees.sizes(table), trees.sizes(below(root, "nothing"))]
    trees.move(table, below(root, "_aside", "gold.a.1"))
    seen += [table.exists(), trees.sizes(below(root)), [p.name for p in sorted(below(root).glob("*/*/*.parquet"))]]
    (below(root, "_aside", "gold.a.1", "part-1.parquet")).replace(below(root, "part-1.parquet"))
    trees.remove(below(root, "_aside"))
    trees.remove(below(root, "nothing"))
    return [*seen, trees.sizes(below(root))]


@pytest.mark.slow
def test_an_object_stores_paths_answer_as_a_folders_do(bucket, tmp_path):
    assert exercised(f"{bucket}/paths") == exercised(str(tmp_path))


@pytest.mark.slow
def test_tables_of_runs_and_the_lakes_own_files_are_kept_in_an_object_store(bucket, tmp_path):
    root, conf = f"{bucket}/lake", Conf(overrides=places(tmp_path))
    now, day = datetime.now(UTC), date(2024, 1, 1)
    row = {"run_id": "1", "run_date": day, "job": "night", "outcome": "published", "outputs": {"bronze.sales": 0}}
    row |= {"started_at": now, "ended_at": now}
    for _ in range(2):
        ops_tables.append(f"{root}/ops/runs", Contracts(conf)["ops.runs"], [row], "1")
        ops_tables.append(f"{root}/bronze/sales", Contracts(conf)["ops.runs"], [row], "1")

    assert History(root).nights() == [day]
    assert delta_log.latest_version(f"{root}/ops/runs") == 1
    assert companies.landed(root) == {"sales"}
    assert "keep a copy" in account_key.check(conf, root)
    (tmp_path / "account.key").write_text("another")
    with pytest.raises(ConfigError, match="not the account key"):
        account_key.check(conf, root)


@pytest.mark.slow
def test_what_is_made_in_a_workplace_is_in_the_lake_afterwards_and_can_be_brought_back(bucket):
    root = f"{bucket}/workplace"
    with workplace.of(root) as place:
        (place.folder / "landing").mkdir()
        (place.folder / "landing" / "a.csv").write_bytes(b"1,2\n")
        place.keep()
    with workplace.of(root) as place:
        assert place.bring("landing/a.csv").read_bytes() == b"1,2\n"
        assert not place.bring("landing/b.csv").exists()
    with _open(f"{root}/landing/a.csv") as file:
        assert file.read() == b"1,2\n"


def test_a_lake_that_cannot_be_worked_on_to_the_end_is_refused_before_spark_starts(tmp_path, monkeypatch):
    profile = Conf(overrides=places(tmp_path) | {"jars": str(tmp_path)}).profile
    with pytest.raises(ConfigError, match="a lake under hdfs:// is not supported"):
        object_store.make_sure(profile, "hdfs://lakes/one")
    with pytest.raises(MachineError, match="jars for S3 are not there"):
        object_store.make_sure(profile, "s3://lakes/one")
    object_store.make_sure(profile, str(tmp_path))
    for what in (replay.run, going_back.to_night):
        with pytest.raises(ConfigError, match="a lake under hdfs:// is not supported"):
            what(Conf(overrides=places(tmp_path) | {"lake": "hdfs://lakes/one"}), date(2024, 1, 1))
    with pytest.raises(ConfigError, match=r"delivering works on a lake in a folder alone.*'lakehouse sql' reads"):
        object_store.refuse("s3://lakes/one", "delivering")
    object_store.refuse(str(tmp_path), "delivering")
    assert Conf(overrides={"lake": "s3://lakes/one/"}).profile.path("s3://lakes/one/") == "s3://lakes/one"


def test_an_address_of_ones_own_has_its_buckets_in_the_path():
    plain = s3_options({"AWS_REGION": "eu-central-1"})
    own = s3_options({"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ENDPOINT_URL_S3": "https://store.example"})

    assert plain == {"region": "eu-central-1"}
    assert own == {
        "region": "us-east-1",
        "endpoint": "https://store.example",
        "virtual_hosted_style_request": "false",
    }


def test_a_folders_path_is_pathlibs(tmp_path: Path):
    assert below(str(tmp_path), "a", "b.json") == tmp_path / "a" / "b.json"
    with workplace.of(str(tmp_path)) as place:
        place.keep()
        assert place.bring("a.csv") == tmp_path / "a.csv"
