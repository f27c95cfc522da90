"""Customer data before and after, alike on both engines."""

from datetime import date

from jobs.identity.accounts_before_after import before_after_sql, steps
from jobs.identity.settings.golden_customers import ATTRIBUTES
from tests import both_engines

MAP = "account_id STRING, channel STRING, customer_id STRING"


def test_shares_count_accounts_before_and_after(spark, silver):
    accounts = silver(
        [
            {"account_id": "shop:1", "surname": "Ng", "phone": "1 2"},
            {"account_id": "app:1"},
            {"account_id": "app:2", "surname": "Nh"},
            {"account_id": "app:3"},
        ]
    )
    rows = [("shop:1", "shop", "c1"), ("app:1", "app", "c1"), ("app:2", "app", "c1"), ("app:3", "app", "c3")]
    texts = [name for name in ATTRIBUTES if name not in ("surname", "phone", "birth_date")]
    sources = [("phone", "a", "only_value", 0.8, "filled_at_same_place"), ("surname", "a", "rule", 0.9, "observed")]
    golden = spark.createDataFrame(
        [("c1", "NG", "12", None, *[None] * len(texts), sources)],
        f"customer_id STRING, surname STRING, phone STRING, birth_date DATE, {' STRING, '.join(texts)} STRING, "
        "sources ARRAY<STRUCT<attribute: STRING, source_account_id: STRING, rule: STRING, confidence: DOUBLE, "
        "method: STRING>>",
    )

    actual = both_engines.stepwise_answers(
        spark,
        before_after_sql(date(2017, 10, 2)),
        steps(),
        customers=accounts,
        customer_map=spark.createDataFrame(rows, MAP),
        golden=golden,
    )

    by_key = {(row[1], row[2]): row[3:] for row in actual}
    assert by_key["surname", "*"] == (4, 0.5, 0.75, 0.5, 0.45, 0.9, 0)  # of two told one is kept
    assert by_key["surname", "app"] == (3, 1 / 3, 2 / 3, 0.0, 0.0, 0.9, 0)
    assert by_key["phone", "shop"] == (1, 1.0, 1.0, 1.0, 0.8, 0.8, 1)
    assert by_key["email", "*"] == (4, 0.0, 0.0, None, None, None, 0)
