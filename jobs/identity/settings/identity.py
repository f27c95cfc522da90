"""conf/identity.yaml: which accounts are one person. Weights are in bits, log2 of the odds."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from lakehouse.config.fields import Count, CountOrZero, Days, Listed, Share, Some, Word
from lakehouse.config.findings import nearest
from lakehouse.config.model import Conflict, SettingsModel
from lakehouse.config.references import EXPORTS, Reference

FieldType = Literal[
    "given_name",
    "family_name",
    "birth_date",
    "address",
    "street_number",
    "postcode",
    "city",
    "region",
    "email",
    "phone",
    "national_id",
    "company",
    "free_text",
    "number",
    "category",
]
Bits = Annotated[float, Field(ge=-100, le=100)]
Edits = Annotated[int, Field(ge=0, le=100)]
Million = Annotated[int, Field(ge=1, le=1_000_000)]


class Junk(SettingsModel):
    """Values that stand for "unknown" and must never join two people, written as cleaned."""

    texts: Listed[Word] = Field(description="names and other texts, in lower case and without spaces")
    birth_dates: Listed[Word] = Field(description="as YYYYMMDD")
    emails: Listed[Word] = Field(description="whole addresses")
    phones: Listed[Word] = Field(description="digits alone")


class Blocking(SettingsModel):
    """Which pairs are compared at all: those that share one of these keys; no keys: chosen from the data."""

    keys: Listed[Some[Word]] = Field(description='e.g. [[email], [family, "given:1", birth_year]]')
    largest_block: Annotated[int, Field(ge=2, le=1_000_000)] = Field(
        description="records that share a key; a larger block says nothing and is left out"
    )
    most_pairs_per_record: Million = Field(description="pairs per record that all chosen keys may make")
    enough_pairs: CountOrZero = Field(description="pairs from which on the stricter limit holds")
    most_pairs_per_record_beyond: Million = Field(description="pairs per record beyond enough_pairs")
    most_pairs_per_rule: Count = Field(description="a key that would make more pairs is refused before it does")

    def conflicts(self) -> Iterator[Conflict]:
        """The limit of many pairs is the stricter one."""
        if self.most_pairs_per_record_beyond > self.most_pairs_per_record:
            what = "'most_pairs_per_record_beyond' must be no more than 'most_pairs_per_record'"
            yield Conflict("most_pairs_per_record_beyond", what, f"give at most {self.most_pairs_per_record}")


class Training(SettingsModel):
    """How the match model is trained, and when again."""

    retrain_after_days: Days = Field(description="days after which the model is trained again")
    retrain_growth_ratio: Annotated[float, Field(gt=1, le=1000)] = Field(
        description="or when there are this many times the records of the last training"
    )
    random_sample_records: Annotated[int, Field(ge=2, le=20_000)] = Field(
        description="records all of whose pairs tell how often random pairs agree by chance"
    )
    largest_sample_records: Annotated[int, Field(ge=2, le=100_000_000)] = Field(
        description="most records that the model is trained on"
    )
    iterations: Annotated[int, Field(ge=1, le=10_000)] = Field(description="rounds of expectation and maximisation")
    least_records: Annotated[int, Field(ge=2, le=1_000_000)] = Field(
        description="with fewer records nothing can be learned: accounts stay alone"
    )
    least_expected_precision: Share = Field(
        description="the model joins where it expects the best F1 with at least this precision, 0 to 1"
    )


class Clustering(SettingsModel):
    """How pairs become people."""

    join_weight_bits: Annotated[float, Field(ge=-20, le=100)] = Field(
        description="two groups become one person when the mean weight between their accounts reaches this, in bits"
    )
    keep_weight_bits: Bits = Field(description="weaker pairs are not kept, in bits")
    unlinked_weight_bits: Bits = Field(description="what a pair counts that was not kept, in bits")
    most_weight_bits: Annotated[float, Field(gt=0, le=1000)] = Field(
        description="no pair counts more, in bits: one strong pair cannot outvote several that disagree"
    )
    largest_cluster: Annotated[int, Field(ge=1, le=1_000_000)] = Field(description="most accounts of one person")
    collect_up_to_pairs: CountOrZero = Field(description="with more pairs components are found by Spark")

    def conflicts(self) -> Iterator[Conflict]:
        """A pair that is not kept must never be enough to join."""
        if self.join_weight_bits <= self.unlinked_weight_bits:
            what = (
                "'join_weight_bits' must be more than 'unlinked_weight_bits': else accounts without a pair are joined"
            )
            yield Conflict("join_weight_bits", what, f"give more than {self.unlinked_weight_bits:g}")
        elif self.join_weight_bits < self.keep_weight_bits:
            what = "'keep_weight_bits' must be at most 'join_weight_bits': else pairs that join are not kept"
            yield Conflict("keep_weight_bits", what, f"give at most {self.join_weight_bits:g}")
        if self.most_weight_bits < self.join_weight_bits:
            what = "'most_weight_bits' must be at least 'join_weight_bits': else no pair can join"
            yield Conflict("most_weight_bits", what, f"give at least {self.join_weight_bits:g}")


class DeterministicKey(SettingsModel):
    """How far accounts with one value of a field are one person: in bits, or `certain` (unless a rule says never)."""

    trust_bits: Annotated[float, Field(ge=0, le=100)] | Literal["certain"] = Field(description="bits, or certain")


class CannotLinkRule(SettingsModel):
    """Two accounts are never one person when all these fields are known and further apart than so many edits."""

    differ: Annotated[dict[Word, Edits], Field(min_length=1)] = Field(description="field: most edits that are a slip")
    is_on: bool = Field(default=True, description="false: the rule is not used")


class Evidence(SettingsModel):
    """What proves, and what forbids, beside the model."""

    keys: dict[Word, DeterministicKey] = Field(description="field: accounts with the same value are one person")
    vetoes: dict[Word, CannotLinkRule] = Field(description="name: what two accounts of one person never have")
    exclusive_channels: Listed[Annotated[Word, Reference("channel", EXPORTS)]] = Field(
        description="channels in which a person has at most one account"
    )


class Guards(SettingsModel):
    """Against over-merging: values too common to say anything, and what a steward should look at."""

    most_accounts_of_a_value: dict[Word, Count] = Field(
        description="field: a value of more accounts says nothing, and is reported"
    )
    families_of_a_given_name: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        description="a given name that people of so many surnames have is a name and no slip: two such are two people"
    )
    families_share_of_a_given_name: Annotated[float, Field(ge=0, le=1)] = Field(
        description="and of this share of all surnames: among many people slips, too, are common to several families"
    )
    clearly_better_bits: Annotated[float, Field(ge=0, le=100)] = Field(
        description="an account that fits two people who contradict each other goes to one that fits better by so much"
    )
    review_joins_below_bits: Bits = Field(description="customers held together by less are shown to a steward, in bits")
    review_accounts_from: Annotated[int, Field(ge=2, le=1_000_000)] = Field(
        description="a customer of so many accounts is shown to a steward, until confirmed"
    )
    review_most_items: CountOrZero = Field(description="most customers that are shown, the weightiest first")


class ModelChanges(SettingsModel):
    """When a model that was trained again may regroup accounts that nothing new is known of."""

    least_kept_share: Share = Field(description="share of customers that must stay as they are, 0 to 1; else it waits")
    apply: Literal["next_night", "approved"] = Field(description="after it was listed for a night, or when approved")


class Organisations(SettingsModel):
    """How accounts of one company are found."""

    public_email_domains: Listed[Word] = Field(description="domains that say nothing about a company")
    most_accounts_of_a_key: Count = Field(description="a value of more accounts joins no organisation")


class Settings(SettingsModel):
    """conf/identity.yaml."""

    lane: Literal["auto", "spark", "duckdb"] = Field(
        description="auto: DuckDB up to duckdb_up_to_records, then Spark; or name one"
    )
    duckdb_up_to_records: CountOrZero = Field(description="records up to which auto means DuckDB")
    junk: Junk
    fields: Annotated[dict[Word, FieldType], Field(min_length=1)] = Field(
        description="what each cleaned field means: its comparison, blocking keys and frequencies"
    )
    blocking: Blocking
    training: Training
    clustering: Clustering
    evidence: Evidence
    guards: Guards
    model_changes: ModelChanges
    organisations: Organisations

    def conflicts(self) -> Iterator[Conflict]:
        """Blocking keys are made of fields."""
        for number, key in enumerate(self.blocking.keys):
            for part in key:
                if not any(part == name or part.startswith((f"{name}:", f"{name}_")) for name in self.fields):
                    what = f"a blocking key names '{part}', and there is no such field"
                    yield Conflict(("blocking", "keys", number), what, nearest(part.split(":")[0], self.fields))
