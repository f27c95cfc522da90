"""Which accounts are compared with others."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def organisations_apart(cleaned: DataFrame) -> DataFrame:
    """An account that names a company and no person is compared with nobody: its record_hash is NULL."""
    is_person = F.col("company").isNull() | F.col("given").isNotNull() | F.col("family").isNotNull()
    return cleaned.withColumn("record_hash", F.when(is_person, F.col("record_hash")))
