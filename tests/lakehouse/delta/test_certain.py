"""A commit is made once, whatever happens to its reply and whoever else writes the table."""

import json

import pyarrow as pa
import pytest
from deltalake import CommitProperties, DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError

from lakehouse.delta import certain

ROWS = pa.table({"shelf": ["a", "b"], "weight": [1, 2]})


@pytest.fixture
def shelf(tmp_path, monkeypatch) -> str:
    """A table of two rows in two files; no pause before another try is long."""
    monkeypatch.setattr(certain, "FIRST_SECONDS", 0.001)
    path = str(tmp_path / "shelf")
    for row in range(2):
        write_deltalake(path, ROWS.slice(row, 1), mode="append")
    return path


def appending(path, named) -> None:
    write_deltalake(
        path,
        ROWS,
        mode="append",
        commit_properties=CommitProperties(custom_metadata={"userMetadata": json.dumps(named)}),
    )


def count(path) -> int:
    return DeltaTable(path).to_pyarrow_table().num_rows


def test_a_commit_whose_reply_was_lost_is_not_made_again(shelf):
    def commit(named) -> None:
        appending(shelf, named)
        raise OSError("connection reset")

    certain.made(shelf, commit, {"run_id": "r"})

    assert count(shelf) == 4


def test_a_commit_that_did_not_come_to_be_raises_what_it_met(shelf):
    def commit(_named) -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        certain.made(shelf, commit, {})

    assert count(shelf) == 2


def test_a_commit_refused_because_of_another_is_made_on_what_stands_there_then(shelf):
    tried = []

    def commit(named) -> None:
        table = DeltaTable(shelf)
        if not tried:
            DeltaTable(shelf).optimize.compact()
        tried.append(named)
        properties = CommitProperties(
            custom_metadata={"userMetadata": json.dumps(named)}, max_commit_retries=0 if len(tried) == 1 else 15
        )
        table.delete("shelf = 'a'", commit_properties=properties)

    certain.made(shelf, commit, {certain.CONTENTS: [1, "7"]})

    assert len(tried) == 2
    assert DeltaTable(shelf).to_pyarrow_table()["shelf"].to_pylist() == ["b"]
    assert tried[1][certain.CONTENTS] == [1, "7"]


def test_what_a_commit_says_of_its_table_is_taken_back_where_somebody_changed_rows_in_between(shelf):
    seen = []

    def commit(named) -> None:
        seen.append(dict(named))
        if len(seen) == 1:
            write_deltalake(shelf, ROWS, mode="append")
            raise CommitFailedError("another one came first")
        appending(shelf, named)

    certain.made(shelf, commit, {certain.CONTENTS: [4, "7"]})

    assert [named[certain.CONTENTS] for named in seen] == [[4, "7"], []]


def test_it_gives_up_after_some_tries(shelf):
    tried = []

    def commit(named) -> None:
        tried.append(named)
        raise CommitFailedError("another one came first")

    with pytest.raises(CommitFailedError):
        certain.made(shelf, commit, {})

    assert len(tried) == certain.TRIES
