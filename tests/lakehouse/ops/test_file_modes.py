"""What is made is its owner's alone, and a closed folder closes what is in it."""

import os
from pathlib import Path

import pytest

from lakehouse.cli.main import main
from lakehouse.ops import file_modes, whole_file


@pytest.fixture
def mask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_every_command_makes_files_for_their_owner_alone(mask, tmp_path):
    main(["--version"])
    whole_file.write(tmp_path / "lake" / "_lake.json", "{}")

    assert [p.stat().st_mode & 0o777 for p in (tmp_path / "lake", tmp_path / "lake" / "_lake.json")] == [0o700, 0o600]


def test_what_a_closed_folder_holds_is_closed(tmp_path):
    inside = tmp_path / "closed" / "lake"
    inside.mkdir(parents=True)
    inside.chmod(0o755)
    inside.parent.chmod(0o700)

    assert file_modes.readable_by_others([inside, tmp_path / "gone"], 0o077) == []


def test_an_open_folder_in_open_folders_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(file_modes, "is_reached", lambda *_: True)
    open_one, group_one = tmp_path / "open", tmp_path / "group"
    for place, mode in ((open_one, 0o755), (group_one, 0o750)):
        place.mkdir()
        place.chmod(mode)

    assert file_modes.readable_by_others([open_one, group_one], 0o027) == [open_one]
    assert file_modes.readable_by_others([open_one, group_one], 0o077) == [open_one, group_one]
    assert file_modes.is_reached(Path("/x"), 0o077) in (True, False)
