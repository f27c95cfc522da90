"""Great Expectations called plainly: for expectations that are not compiled, and as the reference in tests."""

import os
from typing import Any

from pyspark.sql import DataFrame

from lakehouse.quality.suites import Expectation

Validated = tuple[Expectation, bool, dict[str, Any]]


def validate(batch: DataFrame, suite: list[Expectation]) -> list[Validated]:
    """GX's validation of each expectation; results carry no values of rows (BOOLEAN_ONLY).

    Importing GX costs seconds, so this is called only where something is left to it.
    """
    if not suite:
        return []
    validated = _batch(batch)
    return [(e, _holds(validated, e), {"validated_by": "great_expectations"}) for e in suite]


def _batch(batch: DataFrame) -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_spark(name="batch", persist=False)
    asset = source.add_dataframe_asset(name="batch")
    return asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": batch})


def _holds(validated: Any, e: Expectation) -> bool:
    from great_expectations.expectations.registry import get_expectation_impl

    expectation = get_expectation_impl(e.type)(**e.kwargs)
    return bool(validated.validate(expectation, result_format="BOOLEAN_ONLY").success)
