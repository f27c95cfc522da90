"""What one silver table adds to the common way of being made (conform.py)."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pyspark.sql import Column, DataFrame

from jobs.silver.conforming.latest import Order

Conditions = Callable[[], dict[str, Column]]


def as_it_is(units: DataFrame) -> DataFrame:
    """No derivation."""
    return units


def itself(key: Column) -> Column:
    """The key as it is."""
    return key


@dataclass(frozen=True)
class Rules:
    """What one table adds to the common way.

    Args:
        derived: fills columns that follow from others.
        faults: reason -> condition, beside what the contract asks for; such a unit goes to quarantine.
        flags: oddities that do not keep a row from use; helper columns for them may be added by `derived`.
        discards: rule -> condition, for units without a fault that are not to be kept.
        spared: required columns that `faults` judges instead of the contract.
        base_key: the first key column as exports write it, of a stored one.
        apart: gives a key of its own to a unit that shares another thing's; stored rows stand beside the new ones.
        named_by: the key of things that lines of sales name: theirs is the name that most lines of all deliveries say.
    """

    order: Order = field(default_factory=Order)
    derived: Callable[[DataFrame], DataFrame] = as_it_is
    faults: Conditions = dict
    flags: Conditions = dict
    discards: Conditions = dict
    spared: tuple[str, ...] = ()
    base_key: Callable[[Column], Column] = itself
    apart: Callable[[DataFrame], DataFrame] = as_it_is
    named_by: str = ""
