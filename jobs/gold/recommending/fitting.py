"""The weekly fit: factors and a ranker from past days, judged on a later day that they could not know."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np

from jobs.gold.recommending.als import item_factors, strengths
from jobs.gold.recommending.candidates import Candidates, Facts, affinity, candidates, facts
from jobs.gold.recommending.evaluation import Judged, evaluated
from jobs.gold.recommending.items import Items, items
from jobs.gold.recommending.purchases import (
    Accounts,
    Floats,
    Purchases,
    Share,
    accounts,
    pairs_query,
    share_count,
    snapshot,
)
from jobs.gold.recommending.ranker import Ranker, learned, stand_in
from jobs.gold.recommending.spark_als import spark_item_factors
from jobs.gold.settings.recommendations import Settings
from lakehouse.lake.lake import Lake

MOST_CELLS = 16_000_000  # customers x items at once (1 GiB of tables); more customers are judged by a sample
ENOUGH_ACCOUNTS = 10_000  # few customers with many lines each are all learned from
NOBODY = (np.empty(0, np.int64), np.empty(0, np.int64))


@dataclass(frozen=True)
class Fit:
    """What a fit found; `reason` says why the ranker is only the stand-in, empty where it is learned."""

    level: str
    ranker: Ranker
    keys: list[str]
    factors: Floats
    customer_count: int
    learned_as_of: date
    judged_as_of: date
    evaluation: list[dict[str, Any]] = field(default_factory=list)
    reason: str = ""


@dataclass(frozen=True)
class Fitter:
    """One fit of one lake as of its night."""

    lake: Lake
    settings: Settings
    run_date: date

    def fit(self) -> Fit:
        """Learn as of two horizons ago, judge as of one ago, and keep tonight's factors for serving."""
        horizon = self.settings.learning.horizon_days
        learn_day, judge_day = (self.run_date - timedelta(days=horizon * n) for n in (2, 1))
        known_items = items(self.lake, self.settings.catalogue)
        past = self.as_of(known_items, learn_day)
        reason = self.scarcity(past)
        ranker, rows = stand_in(), list[dict[str, Any]]()
        if not reason:
            ranker = self.learned(known_items, past)
            rows = list(self.judged(known_items, judge_day, ranker))
        now = self.as_of(known_items, self.run_date, horizon_days=0)
        factors = self.factors(known_items, now)
        return Fit(
            known_items.level, ranker, now.items.keys, factors, len(now.customers), learn_day, judge_day, rows, reason
        )

    @cached_property
    def share(self) -> Share:
        """The customers that are learned from: all, or as many as have enough lines to learn taste from."""
        of_lines = share_count(self.lake, self.settings.learning.max_lines_learned)
        of_accounts = max(1, self.lake.row_count("identity.customer_map") // ENOUGH_ACCOUNTS)
        return Share(0, max(self.shares_here, min(of_lines, of_accounts)))

    @cached_property
    def shares_here(self) -> int:
        """How many shares the customers are served in: 1 where all fit here at once."""
        return share_count(self.lake, self.settings.learning.max_lines_here)

    @cached_property
    def accounts(self) -> Accounts:
        """Their accounts."""
        return accounts(self.lake, self.share)

    def as_of(self, known_items: Items, day: date, horizon_days: int | None = None) -> Purchases:
        """The purchases as of a day, of all customers or the share of them; an item's buyers are asked for in share."""
        horizon = self.settings.learning.horizon_days if horizon_days is None else horizon_days
        pairs = self.lake.fetch(pairs_query(known_items.products, self.accounts.numbers, day, horizon))
        catalogue = self.settings.catalogue
        asked = catalogue.replace(min_buyers=max(1, round(catalogue.min_buyers / self.share.count)))
        return snapshot(pairs, known_items, self.accounts.customers, day, asked)

    def scarcity(self, past: Purchases) -> str:
        """Why nothing can be learned, in words; empty where it can."""
        least, days = self.settings.learning.min_customers, 2 * self.settings.learning.horizon_days
        if len(past.customers) >= least:
            return ""
        return (
            f"{len(past.customers)} customers had bought by {past.as_of}, {days} days ago, and {least} are asked for"
            " (min_customers in recommendations.yaml)"
        )

    def factors(self, known_items: Items, bought: Purchases) -> Floats:
        """The items' factors as of the purchases' day: here, or by Spark over all customers where they are too many."""
        wanted = self.settings.factors
        if self.shares_here > 1:
            return spark_item_factors(self.lake, known_items, bought, wanted)
        shape, days = (len(bought.customers), len(bought.items.keys)), bought.counts["day_count"]
        return item_factors(
            strengths(bought.customer, bought.item, days, shape, wanted.confidence_per_log_count), wanted
        )

    def described(self, known_items: Items, bought: Purchases) -> tuple[Purchases, Facts, Floats, Candidates]:
        """The customers who are looked at, and their candidates."""
        known = facts(bought, self.factors(known_items, bought))
        some = bought.of(0, min(len(bought.customers), MOST_CELLS // max(1, len(bought.items.keys))))
        liking = affinity(some, known, self.settings.factors)
        return (
            some,
            known,
            liking,
            candidates(some, known, liking, self.settings.learning.candidates_per_source, NOBODY),
        )

    def learned(self, known_items: Items, past: Purchases) -> Ranker:
        """The ranker of a past day."""
        some, _, liking, offered = self.described(known_items, past)
        return learned(offered, is_bought(some, offered, liking.shape[1]), self.settings.learning.l2_penalty)

    def judged(self, known_items: Items, day: date, ranker: Ranker) -> Iterator[dict[str, Any]]:
        """The evaluation as of a later day."""
        some, known, liking, offered = self.described(known_items, self.as_of(known_items, day))
        return evaluated(Judged(some, known, liking, offered, ranker.probabilities(offered)), self.settings.choice)


def is_bought(bought: Purchases, offered: Candidates, item_count: int) -> Floats:
    """1 for each candidate that its customer bought within the horizon, else 0."""
    inside = bought.wanted_item >= 0
    wanted = bought.wanted_customer[inside] * item_count + bought.wanted_item[inside]
    return np.isin(offered.customer * item_count + offered.item, wanted).astype(float)
