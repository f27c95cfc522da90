"""Each week: join the small files of many nights, remove what no kept version needs, keep the tables' logs short.

No row changes. It takes the lake's lock as a night does: started during one it is refused, and its retries wait. When
it fails nights go on; they only get slower with time.
"""

from _nightly import NIGHTLY, RUN_DATE, spark_step
from airflow.sdk import dag


@dag(
    schedule="0 8 * * 0",  # Sundays, when the night and the trainings are over
    catchup=False,
    max_active_runs=1,
    default_args=NIGHTLY,
    params={"run_date": RUN_DATE},
    tags=["weekly", "upkeep"],
    doc_md=__doc__,
)
def upkeep_weekly():  # type: ignore[no-untyped-def]
    """OPTIMIZE, VACUUM, checkpoints, log retention."""
    spark_step("upkeep")


upkeep_weekly()
