"""Whether two models see the same customers: their decisions on the pairs in question, and on stewards' labels.

SQL for both engines.
"""

from dataclasses import dataclass

from jobs.identity.matching.engines import Engine, Table
from jobs.identity.settings.identity_training import Settings


@dataclass(frozen=True)
class Agreement:
    """pairs: kept by either model; alike: decided alike by both; labels_*: stewards' pairs, and who gets them right."""

    pairs: int
    alike: int
    labels: int
    labels_right: int
    labels_right_before: int

    @property
    def share(self) -> float:
        """Share of the pairs that both decide alike; 1 without a pair."""
        return self.alike / self.pairs if self.pairs else 1.0

    def refusal(self, settings: Settings) -> str:
        """Why the challenger may not take the champion's place, in words; empty where it may."""
        if self.share < settings.least_agreement:
            return (
                f"it decides {self.share:.2%} of {self.pairs:,} pairs as the champion does; "
                f"{settings.least_agreement:.2%} are needed (least_agreement in identity_training.yaml)"
            )
        lost = (self.labels_right_before - self.labels_right) / max(self.labels, 1)
        if self.labels >= settings.least_labels and lost > settings.label_tolerance:
            return (
                f"it gets {self.labels_right:,} of {self.labels:,} steward decisions right, "
                f"the champion {self.labels_right_before:,}"
            )
        return ""


def compared(engine: Engine, challenger: Table, in_force: Table, labels: Table, joins_from_bits: float) -> Agreement:
    """Count pairs and labels; a pair that a model did not keep it does not join.

    Args:
        challenger: account_id_left, account_id_right, match_weight (bits).
        in_force: the same of the champion.
        labels: account_id_left, account_id_right, decision (same or never).
        joins_from_bits: the threshold.
    """

    def joins(side: str) -> str:
        return f"coalesce({side}.match_weight >= {float(joins_from_bits)}, FALSE)"

    pairs = engine.fetch(f"""
        SELECT count(*) AS pairs, count(CASE WHEN {joins("c")} = {joins("f")} THEN 1 END) AS alike
        FROM {challenger} c FULL JOIN {in_force} f
            ON c.account_id_left = f.account_id_left AND c.account_id_right = f.account_id_right""").to_pylist()[0]

    def right(side: str) -> str:
        return f"count(CASE WHEN {joins(side)} = (l.decision = 'same') THEN 1 END)"

    of_labels = engine.fetch(f"""
        SELECT count(*) AS labels, {right("c")} AS labels_right, {right("f")} AS labels_right_before
        FROM {labels} l LEFT JOIN {challenger} c
            ON c.account_id_left = l.account_id_left AND c.account_id_right = l.account_id_right
        LEFT JOIN {in_force} f
            ON f.account_id_left = l.account_id_left AND f.account_id_right = l.account_id_right""").to_pylist()[0]
    return Agreement(**pairs, **of_labels)


def by_weight(table: Table) -> str:
    """A query for expected(): pairs and their match probabilities by whole bits of weight."""
    return (
        f"SELECT CAST(floor(match_weight) AS INT) AS bits, count(*) AS pairs, sum(match_probability) AS matches "
        f"FROM {table} GROUP BY CAST(floor(match_weight) AS INT) ORDER BY bits"
    )
