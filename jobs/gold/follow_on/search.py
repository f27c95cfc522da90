"""The search for rules: screen all pairs in all windows on the earlier days, look closely at what is left.

Screening asks all pairs the same question. A pair that passes is asked again without A itself among the news and what
is left, and must be as unlikely by chance there, among as many pairs and windows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from jobs.gold.baskets.significance import q_values
from jobs.gold.follow_on.comparable import Late, Pair, base_rate, buyers, chance, confidence_curve, late, pair_trials
from jobs.gold.follow_on.excess import Excess, Screened, deviance, excess, screened
from jobs.gold.follow_on.first_purchases import FirstPurchases
from jobs.gold.follow_on.lag_curves import LagCurve
from jobs.gold.follow_on.trials import trials_of

MIN_EXPECTED = 5.0  # with fewer expected in the last days, their absence says nothing


@dataclass(frozen=True)
class Search:
    """What is a rule: conf/follow_on_rules.yaml says what each key means."""

    windows_days: tuple[int, ...]  # ascending
    unseen_days: int
    check_days: int
    min_buyers: int
    min_followers: int
    min_lift: float
    max_q_value: float
    max_rules: int

    def first_counted(self, purchases: FirstPurchases) -> int:
        """The first day on which a first purchase surely is one."""
        return purchases.first_day + self.unseen_days

    def checked(self, purchases: FirstPurchases) -> int:
        """How many last days the search leaves out to check rules on; 0 where that would leave less than it takes."""
        span = purchases.last_day - self.first_counted(purchases) + 1
        return self.check_days if span >= 2 * self.check_days else 0

    def windows(self, purchases: FirstPurchases) -> tuple[int, ...]:
        """The windows that some buyer has behind them."""
        span = purchases.last_day - self.checked(purchases) - self.first_counted(purchases)
        return tuple(days for days in self.windows_days if days <= span)


@dataclass(frozen=True)
class FollowOn:
    """A rule: the pair, which share follows by when, the share of comparable customers, and how sure that is."""

    pair: Pair
    curve: LagCurve
    base_rate: float
    standard_errors: float  # above what comparable customers did, where the rule was found
    q_value: float
    late: Late | None
    late_by_curve: float  # followers that its own curve makes expect in the last days

    @property
    def lift(self) -> float:
        """How many times the share of comparable customers."""
        return self.curve.confidence / max(self.base_rate, 1e-9)

    def is_rule(self, search: Search) -> bool:
        """Whether it is sure, and strong enough on all days, too."""
        if self.q_value > search.max_q_value:
            return False
        return self.curve.followers >= search.min_followers and self.lift >= search.min_lift


def found_rules(purchases: FirstPurchases, search: Search) -> list[FollowOn]:
    """The rules, surest first; none where too little is known."""
    windows = search.windows(purchases)
    if not windows or len(purchases.items) < 2:
        return []
    known = purchases.until(purchases.last_day - search.checked(purchases))
    seen = excess(known, windows, search.first_counted(purchases))
    chosen = screened(seen, search.min_buyers)
    return [rule for rule in _looked_at(purchases, search, windows, seen, chosen) if rule.is_rule(search)]


def _looked_at(
    purchases: FirstPurchases, search: Search, windows: tuple[int, ...], seen: Excess, chosen: Screened
) -> Iterator[FollowOn]:
    first_counted, checked = search.first_counted(purchases), search.checked(purchases)
    place = (chosen.window, *np.indices(chosen.window.shape))
    kept = chosen.q_value <= search.max_q_value
    errors = deviance(seen.observed[place], seen.expected[place])
    surest = np.argwhere(kept)[np.argsort(-errors[kept], kind="stable")][: search.max_rules]
    trials, late_from = trials_of(purchases, first_counted), purchases.last_day - checked + 1
    rules, chances = [], []
    for a, b in surest:
        pair = Pair(int(a), int(b), windows[chosen.window[a, b]])
        curve = confidence_curve(purchases, pair, first_counted)
        of_pair = pair_trials(purchases, trials, pair, first_counted)
        chances.append(chance(of_pair, late_from))
        rules.append(
            FollowOn(
                pair=pair,
                curve=curve,
                base_rate=base_rate(purchases, pair, first_counted, of_pair),
                standard_errors=float(errors[a, b]),
                q_value=float(chosen.q_value[a, b]),
                late=late(of_pair, late_from) if checked else None,
                late_by_curve=curve.expected(*buyers(purchases, pair, first_counted), checked),
            )
        )
    tested = int((seen.buyers >= search.min_buyers).sum()) * (len(purchases.items) - 1) * len(windows)
    for rule, again in zip(rules, q_values(np.array(chances), tested, any_dependence=False), strict=True):
        yield replace(rule, q_value=max(rule.q_value, float(again)))


def later_ratio(rules: list[FollowOn]) -> float | None:
    """Followers in the last days for each that the rules' own curves make expect there; None: too few to say.

    What is found looks better than it is (it was chosen for that), and first purchases become fewer as a company gets
    to know its customers. The last days were not searched, so they tell how far chances must be lowered; all rules
    together, since one has few followers there.
    """
    checked = [rule for rule in rules if rule.late is not None]
    expected = sum(rule.late_by_curve for rule in checked)
    seen = sum(rule.late.followers for rule in checked if rule.late)
    return seen / expected if expected >= MIN_EXPECTED else None


def why_none(purchases: FirstPurchases, search: Search) -> str:
    """What is missing for a rule."""
    if not search.windows(purchases):
        days = purchases.last_day - purchases.first_day + 1 if purchases.customer_count else 0
        return (
            f"no rules: {days:,} days of purchases by known customers, more than"
            f" {search.unseen_days + search.windows_days[0]:,} are needed (unseen_days and the shortest of"
            " windows_days in follow_on_rules.yaml)"
        )
    if len(purchases.items) < 2:
        return (
            f"no rules: {len(purchases.items)} items with {search.min_buyers:,} buyers or more among"
            f" {purchases.customer_count:,} customers, two are needed (min_buyers in follow_on_rules.yaml)"
        )
    return f"no rules: nothing follows more often than chance explains among {len(purchases.items):,} items"
