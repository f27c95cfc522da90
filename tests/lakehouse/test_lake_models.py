"""Several lakes in one MLflow store: each has its own models, in whatever order their nights come."""

import itertools
import json
import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from lakehouse.contracts.contract import Contracts
from lakehouse.errors import LakehouseError
from lakehouse.lake_models import ANOTHER, LAKE, LakeModels, adopt, of_lake
from lakehouse.mlflow_store import ALIAS, connected, name_filter
from lakehouse.ops import lake_id
from lakehouse.ops.run_log import Base, Run

KIND = "customer_churn"
ABOUT = "for tests"


@pytest.fixture
def uri(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/mlflow.db"


@pytest.fixture
def lakes(tmp_path: Path, uri: str) -> list[LakeModels]:
    return [LakeModels(uri, lake_id.made(str(tmp_path / name))) for name in ("sample", "own", "test")]


def trained(models: LakeModels, **tags: str) -> str:
    """A night that trains and promotes; its version."""
    client = models.client
    run = client.create_run("0", tags=tags)
    logged = SimpleNamespace(model_uri=f"file:///models/{run.info.run_id}", model_id=None)
    version = models.register(KIND, ABOUT, logged, run.info.run_id)
    client.set_terminated(run.info.run_id)
    models.promote(KIND, version)
    return version


def source(models: LakeModels) -> str | None:
    champion = models.champion(KIND)
    return champion.source if champion else None


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_in_whatever_order_nights_come_each_lake_serves_its_own_model(lakes: list[LakeModels], order) -> None:
    serving: dict[int, str | None] = dict.fromkeys(range(3))
    nights = [*order, *random.Random(sum(order) + 7 * order[0]).choices(range(3), k=5)]
    for night in nights:
        assert [source(models) for models in lakes] == list(serving.values())
        trained(lakes[night])
        serving[night] = source(lakes[night])

    assert len(set(serving.values())) == 3
    for models in lakes:
        champion = models.champion(KIND)
        assert champion.tags[LAKE] == models.lake_id
        assert models.champion_number(KIND) == str(champion.version)
        assert {version.tags[LAKE] for version in models.versions(KIND)} == {models.lake_id}
    assert lakes[order[0]].name(KIND) == KIND  # who comes first has the plain name, and keeps it
    assert all(lakes[other].name(KIND) == f"{KIND}_{lakes[other].lake_id[:8]}" for other in order[1:])


def test_no_lake_reads_or_promotes_a_version_of_another(lakes: list[LakeModels]) -> None:
    sample, own, _ = lakes
    first, other = trained(sample), trained(own)
    number = trained(sample)  # a number that the other lake does not have

    assert own.version(KIND, number) is None
    assert own.version(KIND, other).name != sample.version(KIND, first).name
    with pytest.raises(ValueError, match="is not this lake's"):
        own.promote(KIND, number)
    with pytest.raises(ValueError, match="is not this lake's"):
        own.tag(KIND, number, "serves_from", "2017-10-01")
    assert str(sample.champion(KIND).version) == number


def test_a_version_that_says_that_it_is_anothers_is_not_served_even_where_the_alias_points_at_it(lakes) -> None:
    sample, own, _ = lakes
    version = trained(sample)
    sample.client.set_model_version_tag(KIND, version, LAKE, own.lake_id)

    assert sample.champion(KIND) is None
    assert sample.champion_number(KIND) is None
    assert sample.versions(KIND) == []


def test_a_model_registered_by_hand_under_the_lakes_name_may_serve(lakes: list[LakeModels]) -> None:
    sample = lakes[0]
    trained(sample)
    by_hand = sample.client.create_model_version(KIND, "file:///models/by_hand")
    sample.client.set_registered_model_alias(KIND, ALIAS, by_hand.version)

    assert sample.champion(KIND).source == "file:///models/by_hand"
    assert sample.champion_number(KIND) == str(by_hand.version)


def test_a_lake_copied_elsewhere_is_the_same_lake(tmp_path: Path, uri: str, lakes: list[LakeModels]) -> None:
    version = trained(lakes[0])
    shutil.copytree(tmp_path / "sample", tmp_path / "elsewhere")

    copy = LakeModels(uri, lake_id.made(str(tmp_path / "elsewhere")))

    assert copy.champion_number(KIND) == version


def test_a_lake_gets_one_id_and_keeps_it(tmp_path: Path) -> None:
    root = str(tmp_path / "lake")
    assert lake_id.read(root) is None
    made = lake_id.made(root)
    assert lake_id.made(root) == lake_id.read(root) == made
    assert lake_id.made(str(tmp_path / "other")) != made
    assert lake_id.read("s3a://bucket/lake") == lake_id.read("s3a://bucket/lake/") != lake_id.read("s3a://bucket/two")


def test_an_id_that_cannot_be_read_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / lake_id.FILE).write_text("{")
    with pytest.raises(LakehouseError, match="the lake's id cannot be read"):
        lake_id.made(str(tmp_path))
    assert (tmp_path / lake_id.FILE).read_text() == "{"


def test_where_what_comes_before_fails_the_lake_has_no_id_yet(tmp_path: Path) -> None:
    def unreachable(_: str) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        lake_id.made(str(tmp_path), before=unreachable)
    assert lake_id.read(str(tmp_path)) is None


@pytest.fixture
def past(uri: str) -> LakeModels:
    """A store from before lakes had ids, and a view that registers nothing under an id."""
    connected(uri).MlflowClient().create_registered_model(KIND)
    return LakeModels(uri, "")


def former(store: LakeModels, version_of_examples: int) -> str:
    """A version as nights before registered it, promoted."""
    client = store.client
    run = client.create_run("0", tags={"delta_version.models.churn_examples": str(version_of_examples)})
    version = client.create_model_version(KIND, f"file:///models/{run.info.run_id}", run.info.run_id)
    client.set_registered_model_alias(KIND, ALIAS, version.version)
    return str(version.version)


def ran(conf, root: Path, version_of_examples: int, began: datetime) -> None:
    """A past run of a lake's job that read a version of the examples."""
    run = Run("r1", began.date())
    row = {"run_id": "r1", "run_date": began.date(), "step": "models", "job": "models.churn_scores"}
    times = {"started_at": began, "ended_at": datetime.now(UTC) + timedelta(seconds=1)}
    inputs = {"inputs": {"models.churn_examples": version_of_examples}, "outputs": {}}
    run.record("ops.runs", [{**row, **times, **inputs, "outcome": "done"}])
    run.flush(str(root), Contracts(conf))


def test_a_lake_from_before_ids_keeps_the_champion_that_its_own_run_registered(tmp_path, uri, conf, past) -> None:
    began = datetime.now(UTC) - timedelta(seconds=1)
    version = former(past, version_of_examples=4)
    ran(conf, tmp_path / "lake", 4, began)

    models = LakeModels(uri, "a" * 32)
    adopt(models, str(tmp_path / "lake"))

    assert models.name(KIND) == KIND
    assert models.champion_number(KIND) == version
    assert trained(models) == "2"


def test_a_lake_does_not_adopt_a_champion_that_another_lakes_run_registered(tmp_path, uri, conf, past) -> None:
    began = datetime.now(UTC) - timedelta(seconds=1)
    former(past, version_of_examples=4)
    ran(conf, tmp_path / "lake", 4, began)
    former(past, version_of_examples=9)  # another company's night moved the alias

    models = LakeModels(uri, "a" * 32)
    adopt(models, str(tmp_path / "lake"))

    assert models.champion(KIND) is None
    assert past.client.get_model_version_by_alias(KIND, ALIAS).version == 2
    trained(models)
    assert models.name(KIND) == f"{KIND}_aaaaaaaa"
    assert past.client.get_model_version_by_alias(KIND, ALIAS).version == 2


def test_versions_of_another_lake_under_an_adopted_name_are_never_taken_for_a_rollback(tmp_path, uri, conf, past):
    former(past, version_of_examples=9)
    began = datetime.now(UTC)
    own = former(past, version_of_examples=4)
    ran(conf, tmp_path / "lake", 4, began - timedelta(seconds=1))

    models = LakeModels(uri, "a" * 32)
    adopt(models, str(tmp_path / "lake"))

    assert [str(version.version) for version in models.versions(KIND)] == [own]
    assert models.client.get_model_version(KIND, "1").tags[LAKE] == ANOTHER


def test_a_lake_without_a_past_adopts_nothing(tmp_path, uri, past) -> None:
    former(past, version_of_examples=0)
    models = LakeModels(uri, "a" * 32)

    adopt(models, str(tmp_path / "lake"))

    assert models.champion(KIND) is None
    assert models.champion_number(KIND) is None


def test_a_replay_is_of_the_lake_that_it_replays_and_makes_no_id(tmp_path, conf) -> None:
    view = SimpleNamespace(profile=conf.profile, root=str(tmp_path / "aside"), base=Base(str(tmp_path / "lake"), {}))
    assert of_lake(view).lake_id == ""
    assert of_lake(view).champion(KIND) is None
    assert not (tmp_path / "lake" / lake_id.FILE).exists()

    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / lake_id.FILE).write_text(json.dumps({"lake_id": "b" * 32}))

    assert of_lake(view).lake_id == "b" * 32


def test_a_view_without_a_lake_registers_nothing(uri: str) -> None:
    nobody = LakeModels(uri, "")
    run = nobody.client.create_run("0")
    logged = SimpleNamespace(model_uri="file:///models/x", model_id=None)
    with pytest.raises(ValueError, match="no name is left"):
        nobody.register(KIND, ABOUT, logged, run.info.run_id)


@pytest.mark.parametrize("name", ["a 'quoted' name", 'a "quoted" name', "50% of all; -- no comment", "ⅷ"])
def test_names_reach_filters_and_queries_as_they_are(uri: str, name: str) -> None:
    client = connected(uri).MlflowClient()
    for registered in (name, "another"):
        client.create_registered_model(registered, tags={LAKE: "a" * 32})
        version = client.create_model_version(registered, f"file:///models/{registered[:3]}")
        client.set_registered_model_alias(registered, ALIAS, version.version)

    assert [found.name for found in client.search_registered_models(name_filter(name))] == [name]
    assert [found.name for found in client.search_model_versions(name_filter(name))] == [name]
    models = LakeModels(uri, "a" * 32)
    assert models.champion_number(name) == "1"


def test_a_name_that_no_filter_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="both kinds of quotes"):
        name_filter('it\'s "so"')
