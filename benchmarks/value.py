"""Customer value: our grouped fit against lifetimes, from the same in-memory summary in the same run.

Usage: python -m benchmarks.value [--customers 1000000] [--rounds 3]
Prints wall and CPU seconds of each round (ours grouped and fitted from the summary, lifetimes as its users call it),
the ratios of medians, the log-likelihoods, and the seconds from customers at hand to each customer's row with all
figures and ranges: grouping, scoring each group, joining back; exits 1 when the parameters differ by more than 1e-4
relative.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
from lifetimes import BetaGeoFitter
from lifetimes.generate_data import beta_geometric_nbd_model

from jobs.gold.customer_value import models_in_force, terms, value_query
from jobs.gold.settings.customer_value import Settings
from jobs.gold.value.bg_nbd import fit_bg_nbd
from jobs.gold.value.gamma_gamma import GammaGamma, GammaGammaFit
from jobs.gold.value.learned import Learned
from jobs.gold.value.order_fit import OrderFit
from jobs.gold.value.purchase_groups import PurchaseGroups, grouped_by_day
from jobs.gold.value.recent import RecencyMultiplier
from jobs.gold.value.scores import SCORES, score_groups
from jobs.gold.value.shop_time import HALF_MONTHS, ShopTime, scaled
from jobs.gold.value.value_facts import value_groups
from jobs.gold.value.value_rows import Pricing
from lakehouse.config.layers import Conf
from tests.gold.memory_lake import MemoryLake

PARAMETERS = ("r", "alpha", "a", "b")
Answer = TypeVar("Answer")
SETTINGS = Conf().settings("customer_value", Settings)
SPEND = GammaGammaFit(GammaGamma(6.25, 3.74, 15.44), None, None, 0, 0, 35.0, 0, True, "")


def main() -> int:
    """Run the rounds and print what they gave."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    summary = simulated_summary(arguments.customers)
    ours, theirs, our_work, their_work = [], [], [], []
    for _ in range(arguments.rounds):
        our_seconds, our_cpu, (_, fit) = timed(lambda: our_fit(summary))
        their_seconds, their_cpu, peer = timed(lambda: lifetimes_fit(summary))
        for kept, seconds in zip(
            (ours, theirs, our_work, their_work), (our_seconds, their_seconds, our_cpu, their_cpu), strict=True
        ):
            kept.append(seconds)
        print(
            f"  ours {our_seconds:8.3f} s (CPU {our_cpu:.3f})   lifetimes {their_seconds:8.3f} s (CPU {their_cpu:.1f})"
        )
    print(f"ratio of CPU seconds: {statistics.median(their_work) / statistics.median(our_work):.1f}")
    report(fit, peer, len(summary), statistics.median(ours), statistics.median(theirs))
    report_scores(fit, peer, summary)
    return 0 if agree(fit, peer) else 1


def simulated_summary(customers: int) -> pd.DataFrame:
    """frequency, recency, T in whole days of a company seen for two years; the seed is fixed."""
    np.random.seed(20260301)
    observed = np.random.randint(30, 730, customers)
    summary = beta_geometric_nbd_model(observed, r=0.25, alpha=30.0, a=0.8, b=2.5, size=customers)
    days = summary[["frequency", "recency", "T"]].copy()
    days["recency"] = np.ceil(days["recency"])
    return days.astype(np.int64).reset_index(drop=True)


def timed(work: Callable[[], Answer]) -> tuple[float, float, Answer]:
    """Wall seconds, CPU seconds of this process (fair on a machine that is busy otherwise), and the answer."""
    start, worked = time.perf_counter(), time.process_time()
    answer = work()
    return time.perf_counter() - start, time.process_time() - worked, answer


def our_fit(summary: pd.DataFrame) -> tuple[PurchaseGroups, OrderFit]:
    """Group and fit."""
    columns = (summary[name].to_numpy() for name in ("frequency", "recency", "T"))
    groups = grouped_by_day(*columns)
    return groups, fit_bg_nbd(groups, min_repeat_customers=10)


def lifetimes_fit(summary: pd.DataFrame) -> BetaGeoFitter:
    """The peer, customer by customer, as its documentation shows."""
    return BetaGeoFitter().fit(summary["frequency"], summary["recency"], summary["T"])


def agree(fit: OrderFit, peer: BetaGeoFitter) -> bool:
    """Whether both found the same parameters, within 1e-4 relative."""
    theirs = [peer.params_[name] for name in PARAMETERS]
    return fit.parameters is not None and bool(np.allclose(fit.parameters, theirs, rtol=1e-4))


def report(fit: OrderFit, peer: BetaGeoFitter, customers: int, our_median: float, their_median: float) -> None:
    """Parameters, log-likelihoods and the ratio."""
    print(f"customers {customers:,}, groups {fit.groups:,}, passes {fit.passes}")
    print("ours      ", dict(zip(PARAMETERS, np.round(fit.parameters or (), 5).tolist(), strict=False)))
    print("lifetimes ", {name: round(float(peer.params_[name]), 5) for name in PARAMETERS})
    print(f"log-likelihood: ours {fit.log_likelihood:,.3f}, lifetimes {their_log_likelihood(peer, customers):,.3f}")
    print(f"fit: ours {our_median:.3f} s, lifetimes {their_median:.3f} s, ratio {their_median / our_median:.1f}")


def their_log_likelihood(peer: BetaGeoFitter, customers: int) -> float:
    """Lifetimes reports a mean over customers, in time divided by its own scale; back to days and a sum."""
    orders = float(np.sum(peer.data["frequency"] * peer.data["weights"]))
    return -float(peer._negative_log_likelihood_) * customers + orders * float(np.log(peer._scale))


def report_scores(fit: OrderFit, peer: BetaGeoFitter, summary: pd.DataFrame) -> None:
    """Seconds to give each customer every figure and range, against lifetimes' 90-day orders alone."""
    lake = MemoryLake()
    facts = customers_at_hand(summary)
    time_of_year = ShopTime(date(2026, 3, 1), scaled(np.linspace(0.5, 1.5, HALF_MONTHS)))
    learned = Learned(RecencyMultiplier(0.5), RecencyMultiplier(0.3), 0.07, 0.0)
    steps = [timed(lambda: value_groups(lake.fetch, facts, SETTINGS.max_groups))]
    groups = steps[0][2]
    steps.append(timed(lambda: score_groups({"all": fit}, groups, SPEND, learned, terms(SETTINGS), time_of_year)))
    pricing = Pricing(SPEND, RecencyMultiplier(0.3), models_in_force({"all": fit}), groups.days_per_bucket)
    steps.append(timed(lambda: lake.fetch(value_query(facts, steps[1][2], pricing, SETTINGS))))
    assert steps[2][2].num_rows == len(summary)
    columns = summary["frequency"], summary["recency"], summary["T"]
    their_seconds, _, _ = timed(lambda: peer.conditional_expected_number_of_purchases_up_to_time(90, *columns))
    for name, (seconds, cpu, _) in zip(("grouping", "scoring", "joining back"), steps, strict=True):
        print(f"  {name:12} {seconds:6.1f} s (CPU {cpu:.1f})")
    print(
        f"scores of {len(groups.recent_orders):,} groups, {len(SCORES)} figures, ranges and join included: "
        f"{sum(step[0] for step in steps):.1f} s; lifetimes (1 figure) {their_seconds:.1f} s"
    )


def customers_at_hand(summary: pd.DataFrame) -> pa.Table:
    """What `value_facts_sql` gives a night: as many recent orders as chance has it, spend by Gammas."""
    rng, customers = np.random.default_rng(4), len(summary)
    frequency, age = summary["frequency"].to_numpy(), summary["T"].to_numpy()
    is_recent = np.where(age - summary["recency"] < SETTINGS.recent_days, SETTINGS.recent_days / np.maximum(age, 1), 0)
    recent = rng.binomial(frequency, np.minimum(is_recent, 1.0))
    cents = np.round(100 * frequency * rng.gamma(3.0, 12.0, customers)).astype(np.int64)
    first = np.datetime64("2026-03-01") - age.astype("timedelta64[D]")
    quarters = first.astype("datetime64[M]").astype(int) // 3
    return pa.table(
        {
            "customer_id": np.char.add("c", np.arange(customers).astype(str)),
            "first_order_date": first,
            "cohort": np.char.add("q", quarters.astype(str)),
            "frequency": frequency.astype(np.int32),
            "t_x_days": summary["recency"].to_numpy(np.int32),
            "t_days": age.astype(np.int32),
            "first_cents": np.round(100 * rng.gamma(3.0, 12.0, customers)).astype(np.int64),
            "later_cents": cents,
            "recent_orders": recent.astype(np.int32),
            "recent_cents": np.round(cents * recent / np.maximum(frequency, 1)).astype(np.int64),
        }
    )


if __name__ == "__main__":
    sys.exit(main())
