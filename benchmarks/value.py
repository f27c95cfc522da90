"""Customer value: our grouped fit against lifetimes, from the same in-memory summary in the same run.

Usage: python -m benchmarks.value [--customers 1000000] [--rounds 3]
Prints wall and CPU seconds of each round (ours grouped and fitted from the summary, lifetimes as its users call it),
the ratios of medians, the log-likelihoods and the seconds of scoring every group with its ranges; exits 1 when the
parameters differ by more than 1e-4 relative.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter
from lifetimes.generate_data import beta_geometric_nbd_model

from jobs.gold.value.bg_nbd import fit_bg_nbd
from jobs.gold.value.gamma_gamma import GammaGamma, GammaGammaFit
from jobs.gold.value.learned import Learned
from jobs.gold.value.order_fit import OrderFit
from jobs.gold.value.purchase_groups import PurchaseGroups, grouped_by_day
from jobs.gold.value.scores import SCORES, Terms, score_groups
from jobs.gold.value.value_facts import ValueGroups

PARAMETERS = ("r", "alpha", "a", "b")
Answer = TypeVar("Answer")
TERMS = Terms(0.10, 0.15, 0.8, 56, 3.0)  # as in conf/customer_value.yaml
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
        our_seconds, our_cpu, (groups, fit) = timed(lambda: our_fit(summary))
        their_seconds, their_cpu, peer = timed(lambda: lifetimes_fit(summary))
        for kept, seconds in zip((ours, theirs, our_work, their_work),
                                 (our_seconds, their_seconds, our_cpu, their_cpu), strict=True):  # fmt: skip
            kept.append(seconds)
        print(
            f"  ours {our_seconds:8.3f} s (CPU {our_cpu:.3f})   lifetimes {their_seconds:8.3f} s (CPU {their_cpu:.1f})"
        )
    print(f"ratio of CPU seconds: {statistics.median(their_work) / statistics.median(our_work):.1f}")
    report(fit, peer, len(summary), statistics.median(ours), statistics.median(theirs))
    report_scores(fit, groups, peer, summary)
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


def report_scores(fit: OrderFit, groups: PurchaseGroups, peer: BetaGeoFitter, summary: pd.DataFrame) -> None:
    """Seconds to score each group with every figure and range, against lifetimes' 90-day orders of each customer."""
    columns = summary["frequency"], summary["recency"], summary["T"]
    alike = ValueGroups(np.full(len(groups.t), "all", object), groups, np.zeros(len(groups.t)), 1)
    our_seconds, our_cpu, _ = timed(lambda: score_groups({"all": fit}, alike, SPEND, Learned(), TERMS))
    their_seconds, _, _ = timed(lambda: peer.conditional_expected_number_of_purchases_up_to_time(90, *columns))
    print(f"scores: ours ({len(SCORES)} figures, ranges included) {our_seconds:.1f} s (CPU {our_cpu:.1f}), "
          f"lifetimes (1 figure) {their_seconds:.1f} s")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
