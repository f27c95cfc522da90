"""The session keeps what it must not say to itself."""

import logging

import pytest
from pyspark.errors import AnalysisException


@pytest.mark.parametrize("name", ["SQLQueryContextLogger", "DataFrameQueryContextLogger"])
def test_a_failing_query_is_not_repeated_even_after_logging_was_configured_anew(spark, capfd, name):
    logging.getLogger(name).disabled = False  # as logging.config does with loggers that it does not know

    with pytest.raises(AnalysisException):
        spark.range(1).selectExpr("SECRET_TOKEN").collect()

    assert "SECRET_TOKEN" not in "".join(capfd.readouterr())
