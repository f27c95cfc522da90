"""Maximum likelihood for a model of repeat buying: several starts, Newton steps, standard errors, a report.

The starts are tried on a fair sample of the groups; the best is followed on all of them, so that only a few passes
are over everything. Where that search does not settle, or ends on an edge while the starts did not agree, every
start is tried on all groups.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from jobs.gold.value.newton import Floats, Optimum, covariance, minimise
from jobs.gold.value.purchase_groups import PurchaseGroups

SAMPLES = (1_000, 32_000)  # groups that the starts are tried on, and that the best is followed on before all
ROUGH, FINE = 1e-6, 1e-9  # largest slope that counts as none: on the sample, and where it matters
LIMIT = 8.0  # of logarithms, in time per mean time observed: beyond, the likelihood is flat
SAME = 1e-7  # starts whose values differ by no more than this found the same optimum


class Likelihood(Protocol):
    """Of one model on one set of groups, in logarithms of its parameters, with time divided by a scale."""

    def mean_negative(self, theta: Floats) -> tuple[float, Floats, Floats]:
        """Mean negative log-likelihood per customer, gradient and Hessian."""
        ...


@dataclass(frozen=True)
class OrderModel:
    """A model of repeat buying.

    Attributes:
        parameters: a NamedTuple's class.
        timed: which parameters are in the time unit.
        starts: from repeat orders per customer to starting points, in time per mean time observed.
    """

    name: str
    parameters: Callable[..., Any]
    timed: tuple[bool, ...]
    starts: Callable[[float], list[tuple[float, ...]]]
    likelihood: Callable[[PurchaseGroups, float], Likelihood]


@dataclass(frozen=True)
class OrderFit:
    """A fit, or why there is none (`parameters` is None and `reason` says what is missing).

    covariance is that of the logarithms of the parameters; a parameter at its limit has zeros.
    """

    model: str
    parameters: Any | None
    standard_errors: Any | None
    log_likelihood: float | None
    customers: int
    repeat_customers: int
    groups: int
    passes: int
    converged: bool
    reason: str
    time_unit: str = "day"
    starts: int = 0
    agreeing_starts: int = 0
    covariance: Floats = field(default_factory=lambda: np.zeros((0, 0)), compare=False)


def fit_orders(
    model: OrderModel, groups: PurchaseGroups, min_repeat_customers: int, time_unit: str = "day"
) -> OrderFit:
    """Fit by maximum likelihood; never raises on poor data.

    Args:
        groups: times in `time_unit`.
        min_repeat_customers: with fewer customers who came back there is no fit, with the reason.

    Returns:
        Parameters and standard errors with times in `time_unit`; the log-likelihood is of data in that unit.
    """
    customers = int(groups.customers.sum())
    repeat = int(groups.customers[groups.frequency > 0].sum())
    time_scale = float(np.sum(groups.customers * groups.t)) / customers if customers else 0.0
    needed = max(min_repeat_customers, 1)
    reason = f"{repeat} of {customers} customers ordered again; a fit needs at least {needed}"
    nothing = OrderFit(model.name, None, None, None, customers, repeat, len(groups.t), 0, False, reason, time_unit)
    if repeat < needed or not time_scale > 0:
        return nothing
    best, tried, agreeing = best_optimum(model, groups, time_scale)
    parameters = np.exp(best.theta) * np.where(model.timed, time_scale, 1.0)
    spread, errors = covariance(best, customers)
    orders = float(np.sum(groups.customers * groups.frequency))
    return replace(
        nothing,
        parameters=model.parameters(*parameters.tolist()),
        standard_errors=model.parameters(*(errors * parameters).tolist()),
        log_likelihood=-best.value * customers - orders * float(np.log(time_scale)),
        passes=best.passes,
        converged=best.converged,
        reason=limit_reason(best, model.parameters._fields),  # type: ignore[attr-defined]
        starts=tried,
        agreeing_starts=agreeing,
        covariance=spread,
    )


def best_optimum(model: OrderModel, groups: PurchaseGroups, time_scale: float) -> tuple[Optimum, int, int]:
    """The best optimum on all groups, how many starts were tried, and how many of them found the same one."""
    few = groups.thinned(SAMPLES[0])
    is_sample = len(few.t) < len(groups.t)
    optima = from_all_starts(model, few, time_scale, ROUGH if is_sample else FINE)
    best = min(optima, key=lambda optimum: optimum.value)
    if is_sample:
        for most in SAMPLES[1:]:
            if len(groups.t) > most:
                nearer = model.likelihood(groups.thinned(most), time_scale)
                best = minimise(nearer.mean_negative, best.theta, LIMIT, tolerance=ROUGH)
        whole = model.likelihood(groups, time_scale)
        best = minimise(whole.mean_negative, best.theta, LIMIT)
        if not best.converged or (best.at_limit.any() and agreeing(optima) < len(optima)):
            optima = from_all_starts(model, groups, time_scale)
            best = min([best, *optima], key=lambda optimum: optimum.value)
    return best, len(optima), agreeing(optima)


def agreeing(optima: list[Optimum]) -> int:
    """How many found the same, the best optimum."""
    lowest = min(optimum.value for optimum in optima)
    return sum(optimum.value <= lowest + SAME * max(abs(lowest), 1.0) for optimum in optima)


def from_all_starts(
    model: OrderModel, groups: PurchaseGroups, time_scale: float, tolerance: float = FINE
) -> list[Optimum]:
    """Where each start leads."""
    likelihood = model.likelihood(groups, time_scale)
    rate = float(np.sum(groups.customers * groups.frequency)) / float(groups.customers.sum())
    starts = model.starts(max(rate, 1e-6))
    return [minimise(likelihood.mean_negative, np.log(np.array(start)), LIMIT, tolerance=tolerance) for start in starts]


def log_likelihood(model: OrderModel, parameters: Any, groups: PurchaseGroups) -> float:
    """The log-likelihood of groups at given parameters, both in the same time unit."""
    value, _, _ = model.likelihood(groups, 1.0).mean_negative(np.log(np.array(parameters)))
    return -value * float(groups.customers.sum())


def limit_reason(best: Optimum, names: tuple[str, ...]) -> str:
    """What a reader should know of a fit that ended on the edge or did not settle; empty when all is well."""
    edge = [name for name, at_limit in zip(names, best.at_limit, strict=True) if at_limit]
    if edge:
        return f"{', '.join(edge)} ran to the limit: the data do not tell customers apart in it"
    return "" if best.converged else f"not settled after {best.passes} passes"
