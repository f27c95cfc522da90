"""Who may be written to."""

from jobs.activation.audiences import Settings, audiences
from tests.frames import assert_rows

SETTINGS = Settings("marketing", ("champions",))


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
