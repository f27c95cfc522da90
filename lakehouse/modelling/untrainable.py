"""The errors of data that cannot make a model."""

from lakehouse.errors import LakehouseError


class UntrainableError(LakehouseError):
    """The data are too few, or of one kind only: nobody's fault, and nothing was trained."""


class LeakError(LakehouseError):
    """A column looks like the label in disguise; nothing was trained, and what serves goes on serving."""
