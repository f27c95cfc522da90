"""Minimise a smooth function of a few parameters inside a box, by Newton steps in a trust region.

Likelihoods of three or four parameters over sums of many customers: a pass over the customers is dear and a
small linear system is free, so second derivatives pay (8 passes where L-BFGS needs 20 to 24).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Objective = Callable[[Floats], tuple[float, Floats, Floats]]

FLAT = 1e-12  # curvature below this says nothing about where the minimum is
NOISE = 1e-14  # relative change of the value that rounding alone can make


@dataclass(frozen=True)
class Optimum:
    """Where the search ended: `converged` says whether the gradient vanished or only the passes ran out."""

    theta: Floats
    value: float
    hessian: Floats
    at_limit: NDArray[np.bool_]
    passes: int
    converged: bool


def minimise(
    objective: Objective,
    start: Floats,
    limit: float = 10.0,
    max_passes: int = 200,
    tolerance: float = 1e-9,
) -> Optimum:
    """Find a local minimum with every coordinate between -limit and limit.

    Args:
        objective: theta -> value, gradient (k), Hessian (k, k).
        start: k coordinates.
        tolerance: largest gradient component, of the coordinates still free, that counts as zero.

    Returns:
        The best point seen; a coordinate is at its limit when the value still falls beyond it.
    Source: Nocedal and Wright, Numerical Optimization (2006), chapters 3.4 and 4, with the saddle-free
        direction (absolute eigenvalues) of Dauphin et al. (2014).
    """
    theta = np.clip(start, -limit, limit)
    value, gradient, hessian = objective(theta)
    radius, passes, converged = 2.0, 1, False
    while passes < max_passes:
        free = ~pushed_out(theta, gradient, limit)
        if not free.any() or np.abs(gradient[free]).max() < tolerance:
            converged = True
            break
        step = newton_step(gradient, hessian, free, radius)
        trial = np.clip(theta + step, -limit, limit)
        trial_value, trial_gradient, trial_hessian = objective(trial)
        passes += 1
        if np.isfinite(trial_value) and trial_value <= value + NOISE * abs(value):
            stalled = value - trial_value <= NOISE * abs(value)
            theta, value, gradient, hessian = trial, trial_value, trial_gradient, trial_hessian
            radius = min(2 * radius, 8.0)
            if stalled and np.abs(gradient[free]).max() < 1000 * tolerance:
                converged = True
                break
        elif radius < NOISE:
            break
        else:
            radius = min(radius, float(np.abs(step).max())) / 4
    at_limit = pushed_out(theta, gradient, limit)
    return Optimum(theta, value, hessian, at_limit, passes, converged)


def pushed_out(theta: Floats, gradient: Floats, limit: float) -> NDArray[np.bool_]:
    """Coordinates on an edge of the box whose value would still fall outside it."""
    return ((theta <= -limit) & (gradient > 0)) | ((theta >= limit) & (gradient < 0))


def newton_step(gradient: Floats, hessian: Floats, free: NDArray[np.bool_], radius: float) -> Floats:
    """A descent step of at most `radius` in any coordinate; coordinates that are not free stay."""
    curvatures, axes = np.linalg.eigh(hessian[np.ix_(free, free)])
    along = axes.T @ gradient[free] / np.maximum(np.abs(curvatures), FLAT)
    step = np.zeros_like(gradient)
    step[free] = -axes @ along
    longest = float(np.abs(step).max())
    return step * (radius / longest) if longest > radius else step


def covariance(optimum: Optimum, observations: float) -> tuple[Floats, Floats]:
    """Covariance and standard errors of theta from the curvature of a mean negative log-likelihood.

    Args:
        observations: how many observations the mean was taken over.

    Returns:
        The covariance with zeros, and the errors with NaN, for coordinates that have none (at their limit, or flat).
    """
    size = len(optimum.theta)
    spread, errors = np.zeros((size, size)), np.full(size, np.nan)
    free = ~optimum.at_limit
    curvature = optimum.hessian[np.ix_(free, free)] * observations
    if free.any() and np.linalg.eigvalsh(curvature).min() > FLAT:
        spread[np.ix_(free, free)] = np.linalg.inv(curvature)
        errors[free] = np.sqrt(np.diag(spread)[free])
    return spread, errors
