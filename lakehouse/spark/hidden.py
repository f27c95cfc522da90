"""A value that a query uses and that no plan, log or event of it shows."""

import pyarrow as pa
from pyspark.sql import Column, SparkSession


def hidden(text: str) -> Column:
    """The text as a column of any query of the active session, in place of `F.lit`, which plans repeat word for word.

    It comes from a table of one row that lives in the driver: of such a table plans show columns alone. Spark's own
    setting (`spark.sql.redaction.string.regex`) hides texts in what `explain` prints, not in the event log's plans.
    """
    one_row = pa.table({"hidden": pa.array([text], pa.string())})
    return SparkSession.active().createDataFrame(one_row).scalar()
