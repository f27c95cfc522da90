"""Each week: train the models of the lake on what was known, log them in MLflow, and promote what is better.

Without this DAG a night trains when labels are known of a month more (`retrain_after_days` in conf/churn.yaml).

Models of leads, risk, opportunities and maintenance are trained beside it, where conf/models has any.
The run is in MLflow under `customer_churn` with its data versions, metrics and plots; the alias `champion` moves only
to a better model. When it fails last week's champion goes on scoring; the log names the table and the remedy.
"""

from _nightly import NIGHTLY, RUN_DATE, spark_step
from airflow.sdk import chain, dag


@dag(
    schedule="0 5 * * 0",  # Sundays, when the night is over
    catchup=False,
    max_active_runs=1,
    default_args=NIGHTLY,
    params={"run_date": RUN_DATE},
    tags=["weekly", "machine-learning"],
    doc_md=__doc__,
)
def model_training_weekly():  # type: ignore[no-untyped-def]
    """Train, compare with the champion by a paired test, and promote what is better."""
    chain(  # one run at a time on a lake
        spark_step("churn_training", task_id="train_churn"),
        spark_step("landed_models", task_id="train_landed_models"),
    )


model_training_weekly()
