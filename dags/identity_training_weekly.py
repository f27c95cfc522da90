"""Each week: train the identity model on the accounts as they are, log it in MLflow, and promote it when it may be.

The run is in MLflow under `customer_identity` with its parameters, m and u chart, match weights, expected precision and
recall; the alias `champion` moves only to a model that decides pairs and steward labels as the champion does. When it
fails nights go on with the model they have; the log names the table and the remedy.
"""

from _nightly import NIGHTLY, RUN_DATE, spark_step
from airflow.sdk import dag


@dag(
    schedule="0 6 * * 0",  # Sundays, when the night and the churn training are over
    catchup=False,
    max_active_runs=1,
    default_args=NIGHTLY,
    params={"run_date": RUN_DATE},
    tags=["weekly", "machine-learning"],
    doc_md=__doc__,
)
def identity_training_weekly():  # type: ignore[no-untyped-def]
    """Train, compare with the champion, and promote what decides alike."""
    spark_step("identity_training", task_id="train")


identity_training_weekly()
