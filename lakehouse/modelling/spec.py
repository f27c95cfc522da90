"""conf/models/<model>.yaml: what a model predicts, of which examples, from which columns, and when it may serve."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from lakehouse.config.fields import Count, Days, Listed, OpenShare, Share, Text, Word
from lakehouse.config.model import Conflict, SettingsModel

Kind = Literal["auto", "number", "category"]
Direction = Literal["increasing", "decreasing"]
Positive = Annotated[float, Field(ge=0, le=1e12)]


class Windows(SettingsModel):
    """Features of a series: of each subject, in order, columns' means of the last rows, and what changed."""

    order: Word = Field(
        description="column that the rows of a subject are ordered by: a cycle, a day, a reading's number"
    )
    columns: Listed[Word] = Field(default=(), description="columns to take; empty: every column that varies")
    means_of: Listed[Count] = Field(
        description="a mean of the last so many rows each; the first one is the newest state"
    )
    own_first: Count = Field(
        description="a subject's own beginning is the mean of so many rows; the distance from it counts"
    )


class Examples(SettingsModel):
    """Where the examples are, and what tells them apart."""

    table: Text = Field(default="", description="a table of the lake, as models.churn_examples")
    file: Text = Field(default="", description="or a file: CSV (.gz too) or Parquet; relative to the project's folder")
    columns: Listed[Word] = Field(default=(), description="names of the columns of a file without a header")
    delimiter: Text = Field(default="", description="of a CSV file; empty: found out; 'spaces': any number of them")
    subject: Listed[Word] = Field(
        default=(), description="columns that name whom or what a row is about; never features"
    )
    as_of: Text = Field(default="", description="column with the day (or number) that a row is as of; older ones train")
    is_in_order: bool = Field(default=False, description="the rows stand in the order of time without saying when")
    derived: dict[str, Word] = Field(
        default={},
        description="further columns, each an SQL expression over a row's own columns (a ratio, a NULL for 999)",
    )
    windows: Windows | None = Field(default=None, description="features of a series, for rows that follow each other")


class Label(SettingsModel):
    """What is predicted."""

    column: Word = Field(description="column with what came true; empty where it is not known yet")
    positive: Text = Field(default="", description="the value that counts as 1; empty: true, 1 or yes")
    kind: Literal["binary", "number"] = Field(default="binary", description="yes or no, or a number")
    horizon_days: Days | None = Field(default=None, description="days that the label looks ahead of the as-of date")
    most: Positive | None = Field(default=None, description="a number above this counts as this while training")
    due: Positive | None = Field(
        default=None, description="a number at most so large is due: where the line lies in what is said is found out"
    )


class Feature(SettingsModel):
    """A column that a model may look at; what is not said here is found out."""

    description: Text = Field(default="", description="what it is")
    unit: Text = Field(default="", description="in which unit")
    sources: Listed[Word] = Field(default=(), description="table.column that it is made of")
    purposes: Listed[Word] = Field(default=(), description="what it may be used for; empty: anything")
    kind: Kind = Field(default="auto", description="number or category; auto: found out, integer codes too")
    monotone: Direction | None = Field(default=None, description="the answer may only rise, or only fall, with it")
    known_before: bool = Field(
        default=False, description="you vouch that it is known before the label, however telling"
    )


class Reason(SettingsModel):
    """Features that say one thing to a person."""

    words: Word = Field(description="what to say; {column} stands for the value, with a format as in {column:.0f}")
    features: Listed[Word] = Field(description="the features that count for it")


class Gates(SettingsModel):
    """When a training stops, and when a challenger becomes champion."""

    min_examples: Count = Field(default=200, description="examples that training needs, and a fifth as many held out")
    min_of_each_kind: Count = Field(default=20, description="of either label, and a fifth as many held out")
    max_ece: Share = Field(default=0.05, description="calibration error (ten groups) that a champion may have at most")
    slice_margin: Share = Field(default=0.03, description="AUC that a slice may lose to the champion, noise apart")
    slice_min_examples: Count = Field(default=200, description="a slice with fewer held-out examples is not judged")
    confidence: OpenShare = Field(default=0.95, description="how sure it must be that the challenger is better")
    max_prior_shift: Share = Field(default=0.05, description="a change of the positives' share that raises the alarm")
    max_psi: Positive = Field(default=0.25, description="population stability index of a feature that raises the alarm")
    max_auc_loss: Share = Field(
        default=0.05, description="AUC lost on labels that came to be known, against the held-out one: the alarm"
    )
    demotion_auc_loss: Share = Field(
        default=0.1, description="lost so much, the champion before it serves again where it is better on those labels"
    )
    needs_approval: bool = Field(default=False, description="a person promotes (lakehouse promote), not the training")


class Search(SettingsModel):
    """How hard a training looks for a good model."""

    depths: Listed[Annotated[int, Field(ge=1, le=12)]] = Field(default=(3, 4, 6), description="depths of trees to try")
    most_leaves: Annotated[int, Field(ge=0, le=4096)] = Field(
        default=0,
        description="leaves of a tree that grows by its best leaf, within the depth; 0: it grows by depth alone",
    )
    one_hot_levels: Annotated[int, Field(ge=0, le=1000)] = Field(
        default=7, description="a category of no more levels is asked level by level, of more in sets of levels"
    )
    half_lives: Listed[Share] = Field(
        default=(0.0, 0.17),
        description="to try where examples have a time: the share of it after which one counts half; 0: all alike",
    )
    max_trees: Annotated[int, Field(ge=1, le=10_000)] = Field(default=600, description="trees at most")
    patience: Annotated[int, Field(ge=1, le=1000)] = Field(default=40, description="trees without gain before it stops")
    learning_rate: Annotated[float, Field(gt=0, le=1)] = Field(
        default=0.06, description="share of each tree that counts"
    )
    row_share: Annotated[float, Field(gt=0, le=1)] = Field(
        default=0.7, description="share of the rows that a tree sees"
    )
    column_share: Annotated[float, Field(gt=0, le=1)] = Field(default=0.5, description="share of columns a tree sees")
    min_child_weight: Positive = Field(default=5.0, description="smallest weight of a leaf; more is smoother")
    l2_penalty: Positive = Field(default=3.0, description="ridge penalty on the leaves")
    is_wide: bool = Field(
        default=True,
        description="tries smaller leaves, and all columns for every tree, too, with the best and largest depth",
    )
    averaged_models: Annotated[int, Field(ge=1, le=20)] = Field(
        default=1, description="trees grown side by side per step"
    )
    max_training_rows: Count = Field(default=400_000, description="more than this are thinned to whole subjects")
    distributed_from_rows: Count = Field(
        default=2_000_000, description="more rows than this are fitted by Spark's workers (xgboost.spark)"
    )
    bootstrap_rounds: Annotated[int, Field(ge=10, le=100_000)] = Field(default=300, description="behind each interval")
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = Field(default=20171001, description="of every draw")


class Money(SettingsModel):
    """What acting on a score costs and brings, in the reporting currency."""

    contact_costs: Positive = Field(description="of acting on one example")
    positive_brings: Positive = Field(description="of acting on one that is positive, before the costs")


class Serving(SettingsModel):
    """What the night makes of the answers (gold.lead_scores and the like)."""

    capacity_per_night: Count | None = Field(
        default=None, description="subjects that can be acted on in a night, or visited in a day; none: any number"
    )
    amount: Text = Field(default="", description="column with what is at stake, reporting currency: a deal, a credit")
    account_channel: Text = Field(
        default="", description="channel whose account key the subject is: so a score finds its customer"
    )


class Model(SettingsModel):
    """A model, whole."""

    model: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$", description="its name, and its file's")]
    about: Word = Field(description="what it predicts, in a sentence")
    purpose: Word = Field(
        description="what its answers are used for, in a word; features may forbid it. leads, risk, opportunities and "
        "maintenance are scored each night of the lines of an export (examples.table: bronze.<export>)"
    )
    consent: Text = Field(default="", description="on which legal basis the data are used")
    not_for: Text = Field(default="", description="what it must not be used for")
    examples: Examples = Field(description="where the examples are")
    label: Label = Field(description="what is predicted")
    features: dict[str, Feature] | Literal["auto"] = Field(
        default="auto", description="the columns to look at; auto: all but subject, as-of, label and forbidden ones"
    )
    forbidden: dict[str, Text] = Field(default={}, description="columns never to look at, each with the reason")
    hints: dict[str, Feature] = Field(default={}, description="with auto: what is known of some columns")
    slices: Listed[Word] = Field(default=(), description="columns whose values are judged one by one")
    reasons: dict[str, Reason] = Field(default={}, description="groups of features, in words of a person")
    gates: Gates = Field(default=Gates(), description="when it may serve")
    search: Search = Field(default=Search(), description="how it is looked for")
    money: Money | None = Field(default=None, description="what acting on a score costs and brings")
    serving: Serving = Field(default=Serving(), description="what the night makes of the answers")

    def conflicts(self) -> Iterator[Conflict]:
        """One place for the examples; the label is no feature; what is forbidden is not asked for; purposes agree."""
        if self.examples.table and self.examples.file:
            yield Conflict(("examples", "file"), "give 'table' or 'file', not both", "take one of them out")
        named = self.declared
        for path, name in [("label", self.label.column), *(("examples", key) for key in self.examples.subject)]:
            if name in named:
                what = f"'{name}' is the {'label' if path == 'label' else 'subject'}, and stands among the features"
                yield Conflict(("features", name) if self.features != "auto" else ("hints", name), what, "take it out")
        for name in (column for column in self.forbidden if column in named):
            yield Conflict(("forbidden", name), f"'{name}' is forbidden and a feature", "take one of them out")
        for name, feature in named.items():
            if feature.purposes and self.purpose not in feature.purposes:
                what = f"'{name}' may be used for {', '.join(feature.purposes)}, and this model is for {self.purpose}"
                yield Conflict((self._where, name), what, "take the column out, or ask whose it is")
        yield from self._reason_conflicts()

    def _reason_conflicts(self) -> Iterator[Conflict]:
        seen: dict[str, str] = {}
        for key, reason in self.reasons.items():
            for name in reason.features:
                if name in seen:
                    what = f"'{name}' counts for two reasons, {seen[name]} and {key}"
                    yield Conflict(("reasons", key), what, "leave it in one of them")
                seen[name] = key

    @property
    def _where(self) -> str:
        return "hints" if self.features == "auto" else "features"

    @property
    def declared(self) -> dict[str, Feature]:
        """What the file says of single columns."""
        return self.hints if self.features == "auto" else {**self.features, **self.hints}

    @property
    def is_in_time(self) -> bool:
        """Whether the examples are of different times."""
        return bool(self.examples.as_of) or self.examples.is_in_order
