"""A lake and its account key belong together: no night runs with a lost or another key."""

from pathlib import Path

import pytest

from lakehouse.config.documents import packaged
from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError
from lakehouse.ops import account_key
from tests.conftest import places


@pytest.fixture
def root(tmp_path: Path) -> str:
    return str(tmp_path / "lake")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "account.key"


def test_a_new_lake_gets_a_key_and_asks_for_a_copy_of_it_once(conf, root, key):
    assert f"keep a copy of {key}" in account_key.check(conf, root)
    assert account_key.check(conf, root) == ""
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.read_text() not in (Path(root) / account_key.FILE).read_text()


def test_a_lost_key_stops_the_night_and_is_not_made_anew(conf, root, key):
    account_key.check(conf, root)
    kept = key.read_text()
    key.unlink()
    with pytest.raises(ConfigError, match="the account key is gone"):
        account_key.check(conf, root)
    assert not key.exists()
    key.write_text(kept)
    assert account_key.check(conf, root) == ""


def test_another_key_stops_the_night(conf, root, key):
    account_key.check(conf, root)
    key.write_text("zq-other-key")
    with pytest.raises(ConfigError, match="not the account key") as error:
        account_key.check(conf, root)
    assert "zq-other-key" not in str(error.value)


def test_another_key_from_the_environment_stops_the_night(tmp_path, root, monkeypatch):
    conf = Conf(overrides=places(tmp_path) | {"account_secret": "env:LAKEHOUSE_TEST_KEY"})
    monkeypatch.setenv("LAKEHOUSE_TEST_KEY", "one")
    assert account_key.check(conf, root) == ""
    monkeypatch.setenv("LAKEHOUSE_TEST_KEY", "two")
    with pytest.raises(ConfigError, match="not the account key"):
        account_key.check(conf, root)


def test_a_lake_from_before_the_record_takes_the_key_that_is_there_and_misses_one_that_is_not(tmp_path, root, key):
    conf = Conf([packaged("conf") / "sample"], overrides=places(tmp_path))
    (Path(root) / "silver" / "customers" / "_delta_log").mkdir(parents=True)
    with pytest.raises(ConfigError, match="the account key is gone"):
        account_key.check(conf, root)
    key.write_text("the lake's own")
    assert account_key.check(conf, root) == ""
    key.write_text("zq-other-key")
    with pytest.raises(ConfigError, match="not the account key"):
        account_key.check(conf, root)


def test_a_record_that_cannot_be_read_is_said_and_not_written_over(conf, root):
    account_key.check(conf, root)
    record = Path(root) / account_key.FILE
    record.write_text("{half")
    with pytest.raises(ConfigError, match="cannot be read"):
        account_key.check(conf, root)
    assert record.read_text() == "{half"


def test_a_lake_whose_exports_have_no_personal_keys_never_had_a_key_to_lose(conf, root):
    (Path(root) / "silver" / "customers" / "_delta_log").mkdir(parents=True)
    assert "the account key was made" in account_key.check(conf, root)
