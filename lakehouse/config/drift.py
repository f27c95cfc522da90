"""What happens to a file that differs from those its export delivered before: the `drift` section of an export."""

from datetime import date
from typing import Literal

from pydantic import Field

from lakehouse.config.fields import Listed, Text
from lakehouse.config.model import SettingsModel

Outcome = Literal["take", "warn", "refuse"]


class Drift(SettingsModel):
    """The outcome of each difference: take; warn: take it and say so; refuse: wait for a person.

    A file waits as a refused one: nothing of it is used, and it is looked at again when the export's YAML changes.
    """

    usual_from: date | None = Field(
        default=None,
        strict=False,
        description="files of this day and later are held against each other alone: what changed that day is right",
    )
    ignore: Listed[Text] = Field(default=(), description="columns whose values may look like anything")
    column_added: Outcome = Field(default="take", description="a column that the export does not list")
    column_missing: Outcome = Field(default="warn", description="a column that is not required is not there")
    column_renamed: Outcome = Field(default="refuse", description="a column went, and another one holds its values")
    columns_reordered: Outcome = Field(default="take", description="the same columns in another order")
    values_moved: Outcome = Field(default="refuse", description="a column holds what another one used to")
    type_changed: Outcome = Field(default="refuse", description="text where numbers were, numbers where dates were")
    date_form_changed: Outcome = Field(default="refuse", description="31/12/2024 where 2024-12-31 was")
    decimal_mark_changed: Outcome = Field(default="refuse", description="12,50 where 12.50 was")
    unit_changed: Outcome = Field(
        default="refuse", description="all numbers are ten, a hundred, a thousand times as large"
    )
    zeros_lost: Outcome = Field(default="refuse", description="ids without the zeros that they began with")
    words_changed: Outcome = Field(default="refuse", description="most words of a short list are new ones")
    words_added: Outcome = Field(default="warn", description="new words in a short list")
    emptied: Outcome = Field(default="refuse", description="a column that was filled is empty")
    unfamiliar_values: Outcome = Field(default="warn", description="some values are of a form that was never there")

    def outcome(self, kind: str) -> Outcome:
        """What happens at a difference of this name."""
        found: Outcome = dict(self)[kind]
        return found
