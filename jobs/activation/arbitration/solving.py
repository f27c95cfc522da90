"""The choice of a night: exact where it is small or nothing is short, else near the bound by prices."""

from dataclasses import replace

import numpy as np
from scipy import optimize, sparse

from jobs.activation.arbitration.prices import bound, prices_of
from jobs.activation.arbitration.problem import Flags, Numbers, Places, Problem, Solution, best_of_each

EXACT_UP_TO = 20_000  # candidates that the integer program is given
SECONDS = 20.0  # it may take; then prices decide
TRIFLE = 1e-4  # of the mean value: what tells equal candidates apart


def solve(problem: Problem, exact_up_to: int = EXACT_UP_TO) -> Solution:
    """Choose at most one candidate of each customer within all capacities, for the most value in all.

    Args:
        problem: with positive values alone.
        exact_up_to: with more candidates prices decide; the gap to the bound is told.
    """
    if not problem.count:
        return Solution(np.zeros(0, np.int64), 0.0, 0.0)
    starts = problem.starts
    free = best_of_each(problem.value, starts)
    if problem.fits(free):
        total = float(problem.value[free].sum())
        return Solution(free, total, total)
    if problem.count <= exact_up_to and (chosen := _integer_program(problem)) is not None:
        total = float(problem.value[chosen].sum())
        return Solution(chosen, total, total)
    untied = _untied(problem)
    prices = prices_of(untied)
    chosen = _accepted(untied, untied.reduced(prices))
    return Solution(chosen, float(problem.value[chosen].sum()), bound(problem, prices, starts))


def _untied(problem: Problem) -> Problem:
    """The problem with values that differ: of equal ones the first is worth a trifle more, so that prices part them."""
    trifle = TRIFLE * float(problem.value.mean()) * (1 - np.arange(problem.count) / problem.count)
    return replace(problem, value=problem.value + trifle)


def _integer_program(problem: Problem) -> Places | None:
    """The exact answer by HiGHS (Huangfu and Hall 2018); None where it takes too long."""
    n = problem.count
    owner = np.repeat(np.arange(len(problem.starts)), np.diff(np.r_[problem.starts, n]))
    blocks = [_incidence(owner, len(problem.starts))]
    limits = [np.ones(len(problem.starts))]
    for places, caps in zip(problem.resources, problem.capacities, strict=True):
        short = np.bincount(places, minlength=len(caps)) > caps
        rows = _incidence(places, len(caps))[np.flatnonzero(short)]
        blocks.append(rows)
        limits.append(caps[short])
    answer = optimize.milp(
        -problem.value,
        constraints=optimize.LinearConstraint(sparse.vstack(blocks, format="csr"), ub=np.concatenate(limits)),
        integrality=np.ones(n),
        bounds=optimize.Bounds(0, 1),
        options={"mip_rel_gap": 0.0, "time_limit": SECONDS},
    )
    return np.flatnonzero(answer.x > 0.5) if answer.status == 0 else None


def _incidence(places: Places, count: int) -> sparse.csr_matrix:
    return sparse.csr_matrix((np.ones(len(places)), (places, np.arange(len(places)))), shape=(count, len(places)))


def _accepted(problem: Problem, net: Numbers) -> Places:
    """Customers ask for what is worth most to them at the prices; each capacity takes the most valuable that ask.

    Who is turned away asks for the next best, until nobody asks: no capacity is passed, and none is left that a
    customer without a message could use. Of equal ones the order of the problem decides.
    """
    room = [caps.copy() for caps in problem.capacities]
    open_: Flags = np.ones(problem.count, bool)
    served: Flags = np.zeros(int(problem.customer.max()) + 1, bool)
    taken: list[Places] = []
    while open_.any():
        left = np.flatnonzero(open_)
        starts = _starts(problem.customer[left])
        asks = left[best_of_each(net[left], starts)]
        asks = asks[np.lexsort((asks, -problem.value[asks], -net[asks]))]
        fits = np.ones(len(asks), bool)
        for kind, places in enumerate(problem.resources):
            fits &= _rank_within(places[asks], fits) < room[kind][places[asks]]
        accepted = asks[fits]
        for kind, places in enumerate(problem.resources):
            room[kind] -= np.bincount(places[accepted], minlength=len(room[kind]))
        taken.append(accepted)
        served[problem.customer[accepted]] = True
        open_ &= ~served[problem.customer]
        for kind, places in enumerate(problem.resources):
            open_ &= room[kind][places] >= 1
    return np.sort(np.concatenate(taken)) if taken else np.zeros(0, np.int64)


def _starts(customer: Places) -> Places:
    return np.flatnonzero(np.r_[True, customer[1:] != customer[:-1]])


def _rank_within(places: Places, counted: Flags) -> Numbers:
    """How many of those counted stand before each in its own group."""
    order = np.argsort(places, kind="stable")
    ones = counted[order].astype(np.int64)
    running = np.cumsum(ones) - ones
    first = np.flatnonzero(np.r_[True, places[order][1:] != places[order][:-1]])
    base = np.repeat(running[first], np.diff(np.r_[first, len(order)]))
    ranks = np.empty(len(places))
    ranks[order] = running - base
    return ranks
