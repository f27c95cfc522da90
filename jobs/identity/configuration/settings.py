"""The form of conf/identity.yaml."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Junk:
    """Values that stand for "unknown" and must never join two people."""

    texts: tuple[str, ...]
    birth_dates: tuple[str, ...]
    emails: tuple[str, ...]
    phones: tuple[str, ...]


@dataclass(frozen=True)
class Blocking:
    """Which pairs are compared at all: those that share one of these keys; no keys: chosen from the data."""

    keys: tuple[tuple[str, ...], ...]
    largest_block: int
    most_pairs_per_record: int
    enough_pairs: int
    most_pairs_per_record_beyond: int
    most_pairs_per_rule: int


@dataclass(frozen=True)
class Training:
    """How the match model is trained, and when again."""

    retrain_after_days: int
    retrain_growth_ratio: float
    random_sample_records: int
    largest_sample_records: int
    iterations: int
    least_records: int
    least_expected_precision: float


@dataclass(frozen=True)
class Clustering:
    """How pairs become people."""

    join_weight_bits: float
    keep_weight_bits: float
    unlinked_weight_bits: float
    most_weight_bits: float
    largest_cluster: int
    collect_up_to_pairs: int


@dataclass(frozen=True)
class DeterministicKey:
    """How far accounts with one value of a field are one person: in bits, or `certain` (joined unless vetoed)."""

    trust_bits: float | Literal["certain"]


@dataclass(frozen=True)
class Veto:
    """Two accounts are never one person when all these fields are known and further apart than so many edits."""

    differ: dict[str, int]
    is_on: bool = True


@dataclass(frozen=True)
class Evidence:
    """What proves, and what forbids, beside the model."""

    keys: dict[str, DeterministicKey]
    vetoes: dict[str, Veto]
    exclusive_channels: tuple[str, ...]


@dataclass(frozen=True)
class Guards:
    """Against over-merging: values too common to say anything, and what a steward should look at."""

    most_accounts_of_a_value: dict[str, int]
    review_joins_below_bits: float
    review_most_items: int


@dataclass(frozen=True)
class ModelChanges:
    """When a model that was trained anew may regroup accounts that nothing new is known of."""

    least_kept_share: float
    apply: Literal["next_night", "approved"]


@dataclass(frozen=True)
class Organisations:
    """How accounts of one company are found."""

    public_email_domains: tuple[str, ...]
    most_accounts_of_a_key: int


@dataclass(frozen=True)
class Settings:
    """conf/identity.yaml."""

    lane: Literal["auto", "spark", "duckdb"]
    duckdb_up_to_records: int
    junk: Junk
    fields: dict[str, str]
    blocking: Blocking
    training: Training
    clustering: Clustering
    evidence: Evidence
    guards: Guards
    model_changes: ModelChanges
    organisations: Organisations
