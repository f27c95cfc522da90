"""A lake in an object store: each damage is named, and its remedy, run as printed, brings back what there was."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from deltalake import DeltaTable

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta.log import table_path
from lakehouse.ops import account_key, copies, lake_id
from lakehouse.ops import tables as ops_tables
from lakehouse.storage import trees
from lakehouse.storage.paths import below
from tests.conftest import places
from tests.lakehouse.doctor.test_planted_damages import (
    DERIVED,
    FILES,
    LANDED,
    LEDGER,
    NIGHT,
    ORIGINALS,
    Place,
    follow,
    named,
    whole,
)

__all__ = ["whole"]
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("hadoop_jars")]
OWN = (LANDED, account_key.FILE)


@pytest.fixture
def there(whole: Path, bucket: str, tmp_path: Path) -> Place:
    """The lake of a published night in a store, and its copies in a folder."""
    shutil.copytree(whole, tmp_path / "here")
    here = Conf(overrides=places(tmp_path / "here"))
    root = f"{bucket}/{tmp_path.name}"
    trees.upload(Path(here.profile.lake), below(root), without=lake_id.FILE)
    shutil.rmtree(here.profile.lake)
    shutil.rmtree(here.profile.copies)
    contracts = Contracts(here)
    copies.refresh(root, here.profile.copies, copies.originals(contracts[n] for n in contracts), NIGHT)
    return Place(tmp_path / "here", Conf(overrides=places(tmp_path / "here") | {"lake": root}))


def first_file(root: str, table: str, ending: str) -> Path:
    path = table_path(root, table)
    return below(path, min(name for name in trees.sizes(below(path)) if name.endswith(ending)))


def halved(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


DAMAGES: dict[str, tuple[str, str, Callable[[str], object]]] = {
    **{
        f"{t}: gone": (t, "folder is gone", lambda r, t=t: trees.remove(below(table_path(r, t))))
        for t in (LEDGER, FILES)
    },
    **{
        f"{t}: first commit gone": (t, "are missing", lambda r, t=t: first_file(r, t, ".json").unlink())
        for t in (LEDGER, "ops.runs", DERIVED[1])
    },
    "commit cut": (LEDGER, "is cut or empty", lambda r: halved(first_file(r, LEDGER, ".json"))),
    "data file gone": (FILES, "data files are missing", lambda r: first_file(r, FILES, ".parquet").unlink()),
    "data file cut": (DERIVED[0], "another size", lambda r: halved(first_file(r, DERIVED[0], ".parquet"))),
    "landed copy gone": ("landed files", "gone or cut", lambda r: below(r, LANDED).unlink()),
    "record of the key cut": ("lake's own files", account_key.FILE, lambda r: halved(below(r, account_key.FILE))),
}


def kept(root: str) -> dict[str, object]:
    """What cannot be had again."""
    rows = {t: sorted(map(str, DeltaTable(table_path(root, t)).to_pyarrow_table().to_pylist())) for t in ORIGINALS}
    return {**rows, **{name: below(root, name).read_text() for name in OWN}}


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_damage_is_named_and_its_remedy_as_printed_loses_nothing_that_cannot_be_had_again(there, damage):
    root = there.conf.profile.lake
    line, words, hurt = DAMAGES[damage]
    assert named(there) == {}
    before = kept(root)
    hurt(root)

    text, remedy = named(there)[line]
    assert words in text
    follow(there, remedy)

    assert kept(root) == before
    left = {line: text for line, (text, _) in named(there).items()}
    assert set(left.values()) <= {"its folder is gone"}  # of what the next night makes again
    assert set(left) <= set(DERIVED)


def test_a_second_night_copies_what_is_new_alone(there):
    root, folder, contracts = there.conf.profile.lake, there.conf.profile.copies, Contracts(there.conf)
    originals = copies.originals(contracts[n] for n in contracts)
    when = {name: status.st_ctime_ns for name, status in trees.statuses(Path(folder)).items() if "_copy" not in name}
    event = {"seq": 9, "run_id": "r", "run_date": NIGHT, "path": f"{NIGHT}/b.csv", "state": "received"}
    ops_tables.append(table_path(root, FILES), contracts[FILES], [event], "r")

    done = copies.refresh(root, folder, originals, NIGHT)

    after = {name: status.st_ctime_ns for name, status in trees.statuses(Path(folder)).items() if "_copy" not in name}
    changed = {name for name, at in after.items() if when.get(name) != at}
    assert done.refused == {}
    assert len(changed) == 2  # one commit and one data file
    assert all(name.startswith("ops/files/") for name in changed)
    assert json.loads(Path(table_path(folder, FILES), copies.RECORD).read_text())["version"] == 2
