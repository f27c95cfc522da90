"""What a linkage compares, and how much work that may be: kept with a model, so that it is used as it was trained."""

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from jobs.identity.matching.blocking import Rule
from jobs.identity.matching.semantic_types import TYPES, Field


@dataclass(frozen=True)
class Plan:
    """What is compared and how much work that may be.

    across: link two lists that have no duplicates inside, instead of finding duplicates.
    rules: blocking rules; none: chosen from the data.
    """

    fields: tuple[Field, ...]
    parts: tuple[str, ...]
    rules: tuple[Rule, ...]
    most_pairs_per_record: int
    enough_pairs: int
    most_pairs_per_record_beyond: int
    most_pairs_per_rule: int
    largest_block: int
    random_sample_records: int
    largest_sample_records: int
    iterations: int
    least_expected_precision: float = 0.0
    across: bool = False
    most_rules: int = 20

    def as_document(self) -> dict[str, Any]:
        """The plan as plain values, to be kept with a model."""
        return asdict(self)

    @staticmethod
    def of_document(document: dict[str, Any]) -> "Plan":
        """The plan that was kept with a model."""
        fields = tuple(Field(**f) for f in document["fields"])
        rules = tuple(tuple(rule) for rule in document["rules"])
        return Plan(**{**document, "fields": fields, "parts": tuple(document["parts"]), "rules": rules})

    @cached_property
    def by_words(self) -> list[str]:
        """Fields that are compared by their words."""
        return [f.name for f in self.fields if TYPES[f.type].by_tokens]

    @cached_property
    def by_frequency(self) -> list[str]:
        """Fields whose agreement counts by the value's frequency."""
        return [f.name for f in self.fields if TYPES[f.type].by_frequency]
