"""ops.model_health on the sample company's real year."""

from datetime import timedelta

from pyspark.sql import functions as F

from jobs.models import churn_examples, churn_scores, model_health
from jobs.models.settings.churn import Settings, as_of_morning
from lakehouse.lake.lake import Lake
from tests.gold.small_rows import rows
from tests.models.reference import NIGHT


def test_a_night_measures_every_feature_once_and_a_quiet_one_raises_no_alarm(year: Lake) -> None:
    settings = year.conf.settings("churn", Settings)
    for _ in range(2):  # a night done again gives the same
        model_health.run(year.for_job(model_health.WRITES, "hash"), NIGHT, settings)

    measured = year.for_job("test", "hash").read(model_health.WRITES).where(F.col("run_date") == F.lit(NIGHT))
    rows = [row.asDict() for row in measured.collect()]

    names = [row["name"] for row in rows if row["measure"] == "feature_psi"]
    assert len(names) == len(set(names)) >= 30
    assert [row["name"] for row in rows if row["measure"] == "score_psi"] == [""]
    assert not [row["sentence"] for row in rows if row["is_alarm"]]
    assert {row["model_version"] for row in rows} == {
        row.model_version for row in year.read(churn_scores.WRITES).select("model_version").distinct().collect()
    }


def test_a_feature_in_another_unit_is_named_by_the_next_night(year: Lake) -> None:
    settings, night = year.conf.settings("churn", Settings), NIGHT + timedelta(days=1)
    tonight = year.read(churn_examples.WRITES).where(F.col("as_of") == F.lit(as_of_morning(NIGHT)))
    planted = tonight.withColumn("as_of", F.lit(as_of_morning(night))).withColumn("spend_28d", F.col("spend_28d") * 100)
    whole = year.read(churn_examples.WRITES).unionByName(planted)
    year.publish(churn_examples.WRITES, whole.localCheckpoint(), night)
    job = year.for_job(model_health.WRITES, "hash")

    model_health.run(job, night, settings)

    measured = year.for_job("test", "hash").read(model_health.WRITES).where(F.col("run_date") == F.lit(night))
    alarms = measured.where("is_alarm").collect()
    assert [(row.run_date, row.name, row.since) for row in alarms] == [(night, "spend_28d", night)]
    assert "spend_28d" in job.notes[-1]


def test_a_night_without_scores_measures_nothing(lake: Lake) -> None:
    settings = lake.conf.settings("churn", Settings)
    lake.publish(churn_examples.WRITES, lake.empty(churn_examples.WRITES), NIGHT)
    lake.publish(churn_scores.WRITES, lake.empty(churn_scores.WRITES), NIGHT)

    model_health.run(lake, NIGHT, settings)

    assert lake.read(model_health.WRITES).count() == 0


def test_a_night_on_which_nothing_has_come_is_no_drift_and_the_second_says_so(year: Lake) -> None:
    settings, last = year.conf.settings("churn", Settings), NIGHT + timedelta(days=20)
    base = {
        "channel": "pos",
        "order_count": 1,
        "line_count": 3,
        "spend_cents": 500,
        "refund_count": 0,
        "refund_cents": 0,
    }
    days = [
        {**base, "account_id": f"a{n}", "order_date": last - timedelta(days=back)}
        for back in range(70)
        for n in range(60)
    ]
    year.publish("gold.customer_order_days", rows("gold.customer_order_days", days), NIGHT)
    nights = [last + timedelta(days=n) for n in range(3)]
    for night in nights:
        model_health.run(year.for_job(model_health.WRITES, "hash"), night, settings)

    measured = year.for_job("test", "hash").read(model_health.WRITES).where(F.col("run_date") >= F.lit(last))
    found = [(row.run_date, row.measure, row.is_alarm) for row in measured.collect()]

    assert [night for night, measure, is_alarm in found if is_alarm and measure == "arrival"] == [nights[2]]
    assert not [one for one in found if one[2] and one[1] != "arrival"]
    assert {night for night, measure, _ in found if measure == "source_psi"} == {nights[0]}
