"""Who may be written to."""

import pyarrow as pa
import pytest

from jobs.activation import audiences as job
from jobs.activation.audiences import why_empty
from jobs.activation.settings.audiences import Settings
from lakehouse.config.layers import Conf
from tests.conftest import RUN_DATE
from tests.gold.memory_lake import MemoryLake

SETTINGS = Settings(purpose="marketing", segments=("champions",))


def night(segments: list[tuple], accounts: list[tuple], consents: list[tuple]) -> MemoryLake:
    """The job's night over such rows: (customer, segment), (account, customer), (account, purpose, is granted)."""
    lake = MemoryLake(
        Conf(),
        segments=pa.table(dict(zip(("customer_id", "segment"), zip(*segments, strict=True), strict=True))),
        customer_map=pa.table(
            {
                "account_id": [account for account, _ in accounts],
                "channel": [account.split(":")[0] for account, _ in accounts],
                "customer_id": [customer for _, customer in accounts],
            }
        ),
        consents=pa.table(
            [list(column) for column in zip(*consents, strict=True)],
            pa.schema([("account_id", pa.string()), ("purpose", pa.string()), ("is_granted", pa.bool_())]),
        ),
    )
    job.run(lake, RUN_DATE, SETTINGS)
    return lake


def written(lake: MemoryLake) -> list[tuple[str, str, str]]:
    """(audience, customer, account) of what a night published, in order."""
    rows = lake.published[job.WRITES].to_pylist()
    return sorted((row["audience"], row["customer_id"], row["account_id"]) for row in rows)


def test_one_refusing_account_keeps_the_whole_customer_out():
    lake = night(
        [("c1", "champions"), ("c2", "champions"), ("c3", "other")],
        [("email:a", "c1"), ("app:b", "c1"), ("email:c", "c2"), ("email:d", "c3")],
        [
            ("email:a", "marketing", True),
            ("app:b", "marketing", False),
            ("email:c", "marketing", True),
            ("email:d", "marketing", True),
        ],
    )

    assert written(lake) == [("champions", "c2", "email:c")]
    assert lake.notes == []


def test_silence_is_no_consent():
    lake = night([("c1", "champions")], [("email:a", "c1")], [("email:a", "marketing", None)])

    assert written(lake) == []
    (note,) = lake.notes
    assert "none of its 1 agreed to marketing" in note


def test_a_customer_is_written_to_at_the_first_account_that_agreed():
    lake = night(
        [("c1", "champions")],
        [("pos:1", "c1"), ("email:b", "c1"), ("app:a", "c1")],
        [("pos:1", "marketing", True), ("email:b", "marketing", True), ("app:a", "news", True)],
    )

    assert written(lake) == [("champions", "c1", "email:b")]


@pytest.mark.parametrize(
    ("counted", "purposes", "words"),
    [
        ({"champions": (7, 2)}, ["marketing"], []),
        ({"champions": (7, 0)}, ["marketing"], ["none of its 7 agreed to marketing"]),
        ({"loyal": (7, 7)}, ["marketing"], ["no customer is in the segment"]),
        ({"champions": (7, 0)}, ["sms", "email"], ["no consent is for marketing; consents are for sms, email"]),
        ({}, [], ["consents are for nothing at all"]),
    ],
)
def test_an_empty_audience_says_why(counted, purposes, words):
    notes = why_empty(SETTINGS, counted, purposes)
    assert len(notes) == len(words)
    assert all(word in note for word, note in zip(words, notes, strict=True))


def test_a_night_notes_the_purpose_that_no_consent_has():
    lake = night([("c1", "champions")], [("web:1", "c1")], [("web:1", "marketing_email", True)])

    (note,) = lake.notes
    assert "no consent is for marketing; consents are for marketing_email" in note
