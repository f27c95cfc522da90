"""Which model describes the orders of each cohort: the one that found the holdout least surprising.

Each model is fitted to the customers as they were at the cut. The likelihood of what they did then is that of
their whole history over that of the part before the cut: the same customers, days and parameters for every model.
"""

from dataclasses import dataclass, field

import numpy as np

from jobs.gold.value.bg_nbd import BG_NBD, MBG_NBD
from jobs.gold.value.holdout import Flags, Holdout
from jobs.gold.value.order_fit import OrderFit, OrderModel, fit_orders, log_likelihood
from jobs.gold.value.pareto_nbd import PARETO_NBD
from jobs.gold.value.purchase_groups import PurchaseGroups

MODELS = {model.name: model for model in (BG_NBD, MBG_NBD, PARETO_NBD)}
EVERYBODY = "all"  # the parent of every cohort


@dataclass(frozen=True)
class Candidate:
    """One model of one cohort at the cut; held_out is the log-likelihood of the holdout, None without a fit."""

    fit: OrderFit
    held_out: float | None


@dataclass(frozen=True)
class Choice:
    """The model of a cohort, and who else stood for it; `note` says why a cohort has none of its own."""

    cohort: str
    model: OrderModel | None
    candidates: list[Candidate] = field(default_factory=list)
    note: str = ""


def choices(holdout: Holdout, min_cohort_customers: int, min_repeat_customers: int) -> dict[str, Choice]:
    """The choice of everybody, and of each cohort at the cut that is large enough for its own."""
    everyone = np.ones(len(holdout.t), bool)
    by_cohort = {EVERYBODY: choice(EVERYBODY, holdout, everyone, min_repeat_customers)}
    names, counts = np.unique(holdout.cohort.astype(str), return_counts=True)
    for name, count in zip(names.tolist(), counts.tolist(), strict=True):
        if count >= min_cohort_customers and count < len(holdout.t):
            by_cohort[name] = choice(name, holdout, holdout.cohort == name, min_repeat_customers)
    return by_cohort


def choice(cohort: str, holdout: Holdout, members: Flags, min_repeat_customers: int) -> Choice:
    """The model with the highest held-out likelihood; None where no model could be fitted."""
    then, since = holdout.then(members), holdout.since(members)
    stood = []
    for model in MODELS.values():
        fit = fit_orders(model, then, min_repeat_customers)
        stood.append(Candidate(fit, held_out_likelihood(model, fit, then, since)))
    able = [candidate for candidate in stood if candidate.held_out is not None]
    best = max(able, key=lambda candidate: candidate.held_out or 0.0, default=None)
    return Choice(cohort, MODELS[best.fit.model] if best else None, stood, "" if best else stood[0].fit.reason)


def held_out_likelihood(model: OrderModel, fit: OrderFit, then: PurchaseGroups, since: PurchaseGroups) -> float | None:
    """Log-likelihood of what the customers did after the cut, given what they did before; None without a fit."""
    if fit.parameters is None:
        return None
    gained = log_likelihood(model, fit.parameters, since) - log_likelihood(model, fit.parameters, then)
    return gained if np.isfinite(gained) else None


def best_in_sample(groups: PurchaseGroups, min_repeat_customers: int) -> OrderModel:
    """Where there is no holdout yet: the model with the highest likelihood; all have four parameters."""
    fits = [fit_orders(model, groups, min_repeat_customers) for model in MODELS.values()]
    return MODELS[max(fits, key=lambda fit: -np.inf if fit.log_likelihood is None else fit.log_likelihood).model]
