"""Who may be written to."""

import pytest

from jobs.activation import audiences as job
from jobs.activation.audiences import audiences, why_empty
from jobs.activation.settings.audiences import Settings
from tests.conftest import RUN_DATE
from tests.frames import assert_rows

SETTINGS = Settings(purpose="marketing", segments=("champions",))


def test_one_refusing_account_keeps_the_whole_customer_out(spark):
    segments = spark.createDataFrame(
        [("c1", "champions"), ("c2", "champions"), ("c3", "other")], "customer_id STRING, segment STRING"
    )
    customer_map = spark.createDataFrame(
        [("email:a", "email", "c1"), ("app:b", "app", "c1"), ("email:c", "email", "c2"), ("email:d", "email", "c3")],
        "account_id STRING, channel STRING, customer_id STRING",
    )
    consents = spark.createDataFrame(
        [
            ("email:a", "marketing", True),
            ("app:b", "marketing", False),
            ("email:c", "marketing", True),
            ("email:d", "marketing", True),
        ],
        "account_id STRING, purpose STRING, is_granted BOOLEAN",
    )

    actual = audiences(segments, customer_map, consents, SETTINGS)

    columns = "audience STRING, customer_id STRING, account_id STRING"
    assert_rows(actual, [("champions", "c2", "email:c")], columns)


def test_silence_is_no_consent(spark):
    segments = spark.createDataFrame([("c1", "champions")], "customer_id STRING, segment STRING")
    customer_map = spark.createDataFrame(
        [("email:a", "email", "c1")], "account_id STRING, channel STRING, customer_id STRING"
    )
    consents = spark.createDataFrame(
        [("email:a", "marketing", None)], "account_id STRING, purpose STRING, is_granted BOOLEAN"
    )
    assert audiences(segments, customer_map, consents, SETTINGS).count() == 0


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


def test_a_night_notes_the_purpose_that_no_consent_has(lake, spark):
    tables = {
        "gold.segments": ([("c1", "champions")], "customer_id STRING, segment STRING"),
        "identity.customer_map": ([("web:1", "web", "c1")], "account_id STRING, channel STRING, customer_id STRING"),
        "silver.consents": (
            [("web:1", "marketing_email", True)],
            "account_id STRING, purpose STRING, is_granted BOOLEAN",
        ),
    }
    for table, (rows, schema) in tables.items():
        spark.createDataFrame(rows, schema).write.format("delta").save(lake.path(table))
    view = lake.for_job("activation.audiences", "hash-1")

    job.run(view, RUN_DATE, SETTINGS)

    (note,) = view.notes
    assert "no consent is for marketing; consents are for marketing_email" in note
