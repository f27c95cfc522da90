"""One night: raw channel exports to customers, their value, segments and churn scores.

| task | makes | when it fails |
|---|---|---|
| load | `ops.files`, bronze, silver: every new line | the log names file and line; mend the file, clear the task |
| identity | `identity.*`: which records are one person | a critical check kept last night's map; see the report |
| gold | `gold.*`, `activation.*`: value, segments, rules, audiences | as above |
| models | `models.*`: churn examples and scores, the model in MLflow | scores of last night stay |
| report | the page in var/reports, Data Docs, `ops.runs` | the tables are published; clear the task |

A retry is always safe: what was published stays, only what is missing is made. Trigger it with a business day to run
that day again from its own inputs; without one it takes the day after the last night. In a backfill a run's logical
date is its business day: nights run in the order of their days, whatever the order of the runs, and a published one is
left alone.
"""

from _nightly import NIGHTLY, RUN_DATE, spark_step
from airflow.sdk import chain, dag


@dag(
    schedule="0 2 * * *",  # no start_date: with one, a new scheduler would run yesterday's night at once
    catchup=False,
    max_active_runs=1,
    default_args=NIGHTLY,
    params={"run_date": RUN_DATE},
    tags=["nightly", "tier-1"],
    doc_md=__doc__,
)
def customer_lakehouse_nightly():  # type: ignore[no-untyped-def]
    """The five steps of a night, one after the other."""
    chain(
        spark_step("load", shares_driver=True),  # landing, bronze, silver
        spark_step("identity", shares_driver=True),
        spark_step("gold", shares_driver=True),
        spark_step("models", shares_driver=True),
        spark_step("report", shares_driver=True),
    )


customer_lakehouse_nightly()
