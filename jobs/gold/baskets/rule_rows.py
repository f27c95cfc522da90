"""Rules of one level of the hierarchy as rows of gold.basket_rules: measured, tested, checked out of time."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.gold.baskets.association import Rule, association_rules
from jobs.gold.baskets.bit_rows import Floats, Ints
from jobs.gold.baskets.itemsets import Itemset
from jobs.gold.baskets.kept_days import Kept
from jobs.gold.baskets.later_check import Counts, Later, held_later
from jobs.gold.baskets.redundancy import Redundancy
from jobs.gold.baskets.significance import fisher_greater, q_values, rules_looked_at
from jobs.gold.settings.basket_rules import Settings

RULES = pa.schema(
    {
        "rule_id": pa.string(),
        "level": pa.string(),
        "antecedent": pa.list_(pa.string()),
        "consequent": pa.string(),
        "basket_count": pa.int64(),
        "support": pa.float64(),
        "confidence": pa.float64(),
        "lift": pa.float64(),
        "leverage": pa.float64(),
        "conviction": pa.float64(),
        "is_redundant": pa.bool_(),
        "p_value": pa.float64(),
        "q_value": pa.float64(),
        "lift_earlier": pa.float64(),
        "lift_later": pa.float64(),
        "lift_later_low": pa.float64(),
        "lift_later_high": pa.float64(),
        "basket_count_later": pa.int64(),
        "holds_later": pa.bool_(),
    }
)
Days = NDArray[np.bool_]  # which of a level's days are meant


@dataclass(frozen=True)
class Level:
    """Counts by day of the tracked itemsets (of item numbers) of one level, and what a basket of each day counts."""

    name: str
    names: list[str]
    itemsets: list[Itemset]
    kept: Kept
    weights: Floats

    @property
    def counts(self) -> Ints:
        """Days x itemsets."""
        assert self.kept.counts is not None
        return self.kept.counts

    @cached_property
    def place(self) -> dict[Itemset, int]:
        """Where the counts of each itemset are."""
        return {itemset: i for i, itemset in enumerate(self.itemsets)}

    @cached_property
    def worth(self) -> float:
        """What all baskets are worth; a whole number where they have no weights."""
        return self.worth_of(np.ones(len(self.weights), dtype=np.bool_))

    def worth_of(self, days: Days) -> float:
        """The same of some days."""
        weights = self.weights[days]
        return plain(float(weights @ self.kept.basket_counts[days]), weights)

    def itemsets_worth(self, days: Days, least: float, min_baskets: int) -> dict[Itemset, float]:
        """The itemsets whose baskets of some days are worth `least` and are no fewer than `min_baskets`."""
        weights = self.weights[days]
        numbers = self.counts[days].sum(axis=0)
        worth = numbers if is_even(weights) else weights @ self.counts[days]
        kept = np.flatnonzero((worth >= least) & (numbers >= min_baskets))
        return {self.itemsets[i]: w for i, w in zip(kept.tolist(), worth[kept].tolist(), strict=True)}

    def least(self, settings: Settings) -> float:
        """What the baskets of a rule must be worth: as the conf asks, and more than any untracked itemset's."""
        minimum = settings.least(self.worth, max(settings.min_support, self.kept.min_support))
        bound = self.kept.bound(self.weights)
        return max(minimum, bound if settings.half_life_days else bound + 1)

    def numbers(self, rules: Sequence[Rule], days: Days) -> Counts:
        """Baskets of some days, each counted as one, that hold both sides of the rules, and either."""
        total = self.counts[days].sum(axis=0)
        both = [self.place[tuple(sorted((*rule.antecedent, rule.consequent)))] for rule in rules]
        sides = [[self.place[rule.antecedent] for rule in rules], [self.place[(rule.consequent,)] for rule in rules]]
        one, other, held = (total[np.array(at, dtype=np.int64)] for at in (*sides, both))
        return Counts(held, one, other, int(self.kept.basket_counts[days].sum()))


def is_even(weights: Floats) -> bool:
    """Whether every basket counts 1."""
    return bool(np.all(weights == 1.0))


def plain(worth: float, weights: Floats) -> float:
    """A sum of weights as Python's number, whole where every basket counts 1."""
    return int(worth) if is_even(weights) else worth


def rule_rows(level: Level, settings: Settings, cut: int) -> pa.Table:
    """The rules that the conf asks for, in order of antecedent and consequent.

    Args:
        cut: the last day (from 1970-01-01) of the earlier baskets in the check out of time.
    """
    every = np.ones(len(level.weights), dtype=np.bool_)
    counts = level.itemsets_worth(every, level.least(settings), settings.min_baskets_per_rule)
    tested = list(association_rules(counts, level.worth, 0.0))
    p_values = fisher_greater(*level.numbers(tested, every)) if tested else np.zeros(0)
    tests = rules_looked_at(counts, settings.max_items_per_rule)
    q = q_values(p_values, tests, settings.false_discovery == "benjamini_yekutieli")
    redundancy = Redundancy(counts, level.worth)
    wanted = set(asked_for(counts, level.worth, settings))
    kept = [
        (rule, redundancy.is_redundant(rule.antecedent, rule.consequent), p_values[i], q[i])
        for i, rule in enumerate(tested)
        if rule in wanted and q[i] <= settings.max_q_value
    ]
    if settings.redundant_rules == "drop":
        kept = [row for row in kept if not row[1]]
    later = checked(level, [row[0] for row in kept], settings, cut)
    return in_columns(level, kept, later)


def asked_for(counts: dict[Itemset, float], worth: float, settings: Settings) -> list[Rule]:
    """The rules that reach confidence and lift."""
    return list(association_rules(counts, worth, settings.min_confidence, settings.min_lift))


def checked(level: Level, rules: Sequence[Rule], settings: Settings, cut: int) -> tuple[Later, Ints]:
    """The rules' later lift, and their later baskets."""
    before = level.kept.days <= cut
    earlier, later = level.numbers(rules, before), level.numbers(rules, ~before)
    held_before = {(rule.antecedent, rule.consequent) for rule in rules_of(level, settings, before)}
    was_found = np.array([(rule.antecedent, rule.consequent) in held_before for rule in rules], dtype=np.bool_)
    return held_later(earlier, later, was_found, settings.check_confidence), later.both


def rules_of(level: Level, settings: Settings, days: Days) -> list[Rule]:
    """The rules that the baskets of some days alone give; none where these are too few."""
    if level.kept.basket_counts[days].sum() < settings.min_baskets:
        return []
    worth = level.worth_of(days)
    least = settings.least(worth, max(settings.min_support, level.kept.min_support))
    return asked_for(level.itemsets_worth(days, least, settings.min_baskets_per_rule), worth, settings)


def found_earlier(level: Level, settings: Settings, cut: int) -> tuple[int, int, int] | None:
    """Of all rules of the earlier baskets that promised more than chance: how many, and how many hold and fail.

    None where the earlier baskets are so few that they may give rules whose itemsets are not tracked.
    """
    before = level.kept.days <= cut
    least = settings.least(level.worth_of(before), max(settings.min_support, level.kept.min_support))
    if least <= level.kept.bound(level.weights):
        return None
    rules = [rule for rule in rules_of(level, settings, before) if rule.lift > 1]
    earlier, later = level.numbers(rules, before), level.numbers(rules, ~before)
    judged = held_later(earlier, later, np.ones(len(rules), dtype=np.bool_), settings.check_confidence)
    return len(rules), judged.holds.count(True), judged.holds.count(False)


def in_columns(level: Level, kept: Sequence[tuple[Rule, bool, float, float]], checked: tuple[Later, Ints]) -> pa.Table:
    """The table's rows, items by name."""
    later, later_count = checked
    both = level.numbers([row[0] for row in kept], np.ones(len(level.weights), dtype=np.bool_)).both
    rows = [
        {
            **named(rule, level),
            "is_redundant": is_redundant,
            "p_value": float(p),
            "q_value": float(q),
            "lift_earlier": known(later.lift_earlier[i]),
            "lift_later": known(later.lift[i]),
            "lift_later_low": known(later.low[i]),
            "lift_later_high": known(later.high[i]),
            "basket_count_later": int(later_count[i]),
            "holds_later": later.holds[i],
            "basket_count": int(both[i]),
        }
        for i, (rule, is_redundant, p, q) in enumerate(kept)
    ]
    return pa.Table.from_pylist(sorted(rows, key=lambda row: (row["antecedent"], row["consequent"])), schema=RULES)


def known(value: float) -> float | None:
    """A figure, None where there is none."""
    return float(value) if np.isfinite(value) else None


def named(rule: Rule, level: Level) -> dict[str, object]:
    """A rule as a row, items by name; its id depends on what it says alone, so that it is the same every night."""
    antecedent, consequent = [level.names[item] for item in rule.antecedent], level.names[rule.consequent]
    text = json.dumps([level.name, antecedent, consequent], ensure_ascii=False)
    return {
        **rule._asdict(),
        "rule_id": hashlib.sha256(text.encode()).hexdigest()[:16],
        "level": level.name,
        "antecedent": antecedent,
        "consequent": consequent,
    }
