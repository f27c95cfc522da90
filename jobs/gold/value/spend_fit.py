"""Spend per order as a night takes it: Gamma-Gamma, a robust stand-in where few customers make its mean, first orders.

Gamma-Gamma's mean over customers is p v / (q - 1): from q near 1 down it is made by a few outliers, or is none. Then
the mean and the spread between customers are those of their spend per order drawn to Tukey's fences of its logarithm.
A first order tells of later ones only in part: how far (`first_weight`) is measured by the likelihood of what customers
spent later given their first order.
"""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from scipy.optimize import minimize
from scipy.special import gammaln

from jobs.gold.value.gamma_gamma import (
    GammaGamma,
    GammaGammaFit,
    GammaGammaLikelihood,
    SpendGroups,
    fit_gamma_gamma,
    one_group_each,
)
from jobs.gold.value.newton import Floats
from lakehouse.sql.query import Query, Table

HEAVY = 1.5  # q below which customers' mean is made by a few: the tenth of them who spend most are half of it or more
FENCE = 1.5  # interquartile ranges of the logarithm beyond the quartiles (Tukey, 1977)
WEIGHTS = tuple(step / 10 for step in range(11))
LOG_SHAPES = (-5.0, 8.0)  # of p
LOG_PRIORS = (-3.0, 4.0)  # of as many orders at everybody's mean as a customer's own are joined by


@dataclass(frozen=True)
class FirstOrders:
    """Customers who ordered again: repeat order days, spend on these, spend on the first day; all positive."""

    frequency: Floats
    spend: Floats
    first_spend: Floats


def first_orders_query(facts: Table, most: int) -> Query:
    """No more than `most` repeat customers, picked by a hash of their id."""
    sql = f"""
        SELECT frequency, later_cents, first_cents FROM {{facts}}
        WHERE frequency > 0 AND later_cents > 0 AND first_cents > 0 ORDER BY md5(customer_id) LIMIT {most:d}"""
    return Query(sql, {"facts": facts}, answers="frequency INT, later_cents BIGINT, first_cents BIGINT")


def first_orders_of(rows: pa.Table) -> FirstOrders:
    """The answer of `first_orders_query` as arrays, money in major units."""
    x, later, first = (np.asarray(column.to_numpy(), float) for column in rows.columns)
    return FirstOrders(x, later / 100, first / 100)


def fit_spend(groups: SpendGroups, firsts: FirstOrders, min_customers: int) -> GammaGammaFit:
    """Fit Gamma-Gamma, make it robust where it must be, and measure what first orders say; never raises."""
    fit = fit_gamma_gamma(groups, min_customers)
    if fit.parameters is None:
        return fit
    if fit.parameters.q < HEAVY:
        fit = robust(fit, groups)
    return with_first_orders(fit, firsts, min_customers)


def fit_spend_of_each(frequency: Floats, spend: Floats, first_spend: Floats, min_customers: int) -> GammaGammaFit:
    """The same for customers one by one."""
    groups = one_group_each(frequency, spend / np.maximum(frequency, 1.0))
    able = (frequency > 0) & (spend > 0) & (first_spend > 0)
    return fit_spend(groups, FirstOrders(frequency[able], spend[able], first_spend[able]), min_customers)


def robust(fit: GammaGammaFit, groups: SpendGroups) -> GammaGammaFit:
    """Mean and spread between customers by fenced spend per order; p is the likeliest given these."""
    if fit.parameters is None:
        return fit
    low, high = fences(groups)
    n, spend = groups.customers / groups.customers.sum(), np.clip(groups.mean_spend, low, high)
    mean = float(n @ spend)
    likelihood = GammaGammaLikelihood(replace(groups, mean_spend=spend, log_spend=np.log(spend)), mean)

    def surprise(logs: Floats) -> float:
        log_p, log_prior = logs
        return likelihood.mean_negative(np.array([log_p, np.log1p(np.exp(log_prior + log_p)), log_prior]))[0]

    best = minimize(surprise, np.zeros(2), method="Nelder-Mead", bounds=(LOG_SHAPES, LOG_PRIORS))
    p, prior_orders = np.exp(best.x).tolist()
    q = 1.0 + prior_orders * p
    why = (
        f"few customers make Gamma-Gamma's mean spend per order (q {fit.parameters.q:.2f}): "
        f"it is that of spend per order within {low:,.2f} to {high:,.2f} instead, outliers drawn to these"
    )
    return replace(
        fit,
        parameters=GammaGamma(p, q, mean * (q - 1.0) / p),
        standard_errors=None,
        log_likelihood=None,
        converged=True,
        reason="; ".join(filter(None, (fit.reason, why))),
    )


def fences(groups: SpendGroups) -> tuple[float, float]:
    """Tukey's of spend per order, over customers and on its logarithm."""
    order = np.argsort(groups.log_spend, kind="stable")
    reach = np.cumsum(groups.customers[order])
    first, third = (groups.log_spend[order][np.searchsorted(reach, share * reach[-1])] for share in (0.25, 0.75))
    margin = FENCE * (third - first)
    return float(np.exp(first - margin)), float(np.exp(third + margin))


def with_first_orders(fit: GammaGammaFit, firsts: FirstOrders, min_customers: int) -> GammaGammaFit:
    """The weight of a first order; none where too few customers show it."""
    if fit.parameters is None or len(firsts.frequency) < max(min_customers, 2):
        return fit
    return replace(fit, first_weight=max(WEIGHTS, key=lambda weight: (later_likelihood(fit, firsts, weight), -weight)))


def later_likelihood(fit: GammaGammaFit, firsts: FirstOrders, weight: float) -> float:
    """Mean log-likelihood of later spend given first orders; without what does not depend on the weight."""
    assert fit.parameters is not None
    p, q, v = fit.parameters
    x, total = firsts.frequency, firsts.spend
    shape, rate = q + p * weight, v + weight * firsts.first_spend
    terms = gammaln(p * x + shape) - gammaln(shape) + shape * np.log(rate) - (p * x + shape) * np.log(total + rate)
    return float(np.mean(terms))
