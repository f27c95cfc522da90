"""What follows from mapped columns: days from instants, instants from days, and what cannot be used."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.silver.conforming.mapping import ENGINE
from lakehouse.contracts.contract import Contract

INSTANTS = {  # instant -> its day in the business time zone
    "ordered_at": "order_date",
    "occurred_at": "occurred_date",
    "redeemed_at": "redeemed_date",
    "given_at": "given_date",
    "read_at": "read_date",
}
CLOCK_SLACK_DAYS = 1  # an export may live in a zone that is a day ahead of the business


def with_days(units: DataFrame, time_zone: str) -> DataFrame:
    """Fill the day from the instant, and the instant from the day (its start), where only one is mapped."""
    for instant, day in INSTANTS.items():
        if instant in units.columns and day in units.columns:
            local = F.to_date(F.from_utc_timestamp(instant, time_zone))
            start = F.to_utc_timestamp(F.col(day).cast("timestamp"), time_zone)
            units = units.withColumns({day: F.coalesce(day, local), instant: F.coalesce(instant, start)})
    return units


def missing_faults(contract: Contract, spared: tuple[str, ...] = ()) -> dict[str, Column]:
    """What the contract asks for, by reason: `<key>_missing`, `<column>_unreadable`, `<column>_unknown`.

    Args:
        spared: required columns that a job judges by itself.
    """
    faults = {}
    for column in contract.columns:
        if column.name in ENGINE or column.name in spared:
            continue
        if column.required:
            faults[f"{column.name}_{'missing' if column.key else 'unreadable'}"] = F.col(column.name).isNull()
        if column.enum:
            faults[f"{column.name}_unknown"] = ~F.col(column.name).isin(*column.enum)
    return faults


def future_faults(contract: Contract) -> dict[str, Column]:
    """A day after the night that brought the line is wrong: an order of tomorrow would upset every recency."""
    days = {c.name for c in contract.columns} & set(INSTANTS.values())
    return {f"{day}_after_run": F.date_diff(F.col(day), F.col("_run_date")) > CLOCK_SLACK_DAYS for day in sorted(days)}
