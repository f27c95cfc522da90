"""conf/recommendations.yaml as frozen dataclasses; the file says what each key means."""

import hashlib
from dataclasses import asdict, dataclass
from typing import Literal

KINDS = ("new", "due", "repurchase")


@dataclass(frozen=True)
class Catalogue:
    """Which products may be recommended, and what one item is."""

    level: Literal["product_category", "product_type", "product_id"]
    excluded_items: tuple[str, ...]
    forbidden_words: tuple[str, ...]
    min_buyers: int
    max_items: int
    spoken_names: dict[str, str]


@dataclass(frozen=True)
class Factors:
    """The implicit alternating least squares."""

    count: int
    rounds: int
    regularisation: float
    confidence_per_log_count: float


@dataclass(frozen=True)
class Learning:
    """When and how the ranker is learned."""

    refit_after_days: int
    horizon_days: int
    min_customers: int
    candidates_per_source: int
    l2_penalty: float
    max_lines_here: int


@dataclass(frozen=True)
class Choice:
    """How a customer's list is put together from the ranked candidates."""

    items_per_customer: int
    slots: dict[str, int]
    at_most_per_category: int
    at_most_per_department: int
    relevance_share: float
    long_tail_share: float
    head_share: float
    due_from_ratio: float
    due_to_ratio: float
    min_times_for_rhythm: int
    newcomer_items: int


@dataclass(frozen=True)
class Consent:
    """Who gets no recommendations."""

    refusals_of: tuple[str, ...]
    needs_agreement: bool
    excluded_segments: tuple[str, ...]
    excluded_tags: tuple[str, ...]


@dataclass(frozen=True)
class Settings:
    """conf/recommendations.yaml."""

    catalogue: Catalogue
    factors: Factors
    learning: Learning
    choice: Choice
    consent: Consent

    def fit_hash(self) -> str:
        """What a fit depends on besides the data: a fit of other settings is made anew."""
        parts = (asdict(self.catalogue) | {"spoken_names": None}, asdict(self.factors), asdict(self.learning))
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
