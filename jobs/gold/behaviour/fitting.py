"""One fit of the clusters: scale, choose how many, find the centres, keep names, and say what sets each apart."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.gold.behaviour.choosing import Candidate, candidates, chosen
from jobs.gold.behaviour.kmeans import Floats, Ints, k_means, nearest
from jobs.gold.behaviour.model import DIGITS, Scaled, differences, fitted_scales, moved_to, scaled_points
from jobs.gold.behaviour.naming import Identity, Known, identities
from jobs.gold.behaviour.words import plain, profile
from jobs.gold.settings.behaviour_clusters import FEATURES, Settings

SEED = 20170101
Centres = Callable[[Sequence[Scaled], int], Floats]


@dataclass(frozen=True)
class Model:
    """The clusters in force: `scales` and `centres` put customers to them."""

    run_date: date
    scales: tuple[Scaled, ...]
    centres: Floats
    identities: tuple[Identity, ...]
    clip_at: float


def fit(
    customers: pa.Table,
    run_date: date,
    settings: Settings,
    last: Sequence[Mapping[str, Any]],
    next_id: int,
    large: Centres | None = None,
) -> tuple[Model, pa.Table] | None:
    """Fit on customers with features.

    Args:
        customers: customer_id and FEATURES, in the order of customer_id.
        last: the rows of the last fit in gold.behaviour_cluster_models; none the first time.
        next_id: the first id that no cluster ever had.
        large: gives the centres where there are more customers than these (Spark ML).

    Returns:
        The model, and its rows of gold.behaviour_cluster_models; None where no feature tells customers apart.
    """
    values = {name: customers.column(name).to_numpy().astype(float) for name in FEATURES}
    scales = fitted_scales(settings.features, values)
    if not scales:
        return None
    points = scaled_points(scales, values, settings.clip_at)
    options = candidates(
        points[: settings.choose_on_customers], settings.cluster_counts, settings.stability_rounds, SEED
    )
    best = chosen(options, settings.min_stability)
    k = best.cluster_count
    centres = np.round(large(scales, k) if large else k_means(points, k, SEED).centres, 3)
    labels = nearest(points, centres)
    apart = differences(scales, points, labels, len(centres))
    named = identities(centres, apart, known_clusters(last, scales), next_id, settings.same_within, settings.words)
    model = Model(run_date, tuple(scales), centres, tuple(named), settings.clip_at)
    return model, model_rows(model, best, options, labels, apart, values)


def known_clusters(last: Sequence[Mapping[str, Any]], scales: Sequence[Scaled]) -> list[Known]:
    """The last fit's clusters in the units of this one."""
    return [Known(row["cluster_id"], row["cluster"], moved_to(scales_of(row), centre_of(row), scales)) for row in last]


def scales_of(row: Mapping[str, Any]) -> list[Scaled]:
    """The scales that a row of gold.behaviour_cluster_models tells."""
    return [Scaled(f["feature"], f["scale"], f["weight"], f["mean"], f["deviation"]) for f in row["features"]]


def centre_of(row: Mapping[str, Any]) -> dict[str, float]:
    """The centre that it tells, scaled."""
    return {f["feature"]: f["centre"] for f in row["features"]}


def read_model(rows: Sequence[Mapping[str, Any]]) -> Model:
    """The model of one fit's rows."""
    ordered = sorted(rows, key=lambda row: row["cluster_id"])
    scales = scales_of(ordered[0])
    centres = np.array([[centre_of(row)[s.feature] for s in scales] for row in ordered])
    named = tuple(Identity(row["cluster_id"], row["cluster"], row["moved"]) for row in ordered)
    return Model(ordered[0]["run_date"], tuple(scales), centres, named, ordered[0]["clip_at"])


def model_rows(
    model: Model,
    best: Candidate,
    options: Sequence[Candidate],
    labels: Ints,
    apart: Sequence[Mapping[str, float]],
    values: Mapping[str, Floats],
) -> pa.Table:
    """The rows that are kept of a fit, one per cluster."""
    tried = [
        {"cluster_count": c.cluster_count, "silhouette": plain(c.silhouette), "stability": plain(c.stability)}
        for c in options
    ]
    means = {s.feature: mean(values[s.feature]) for s in model.scales}
    rows = []
    for at, who in enumerate(model.identities):
        mine = labels == at
        own = {s.feature: mean(values[s.feature][mine]) for s in model.scales}
        rows.append(
            {
                "run_date": model.run_date,
                "cluster_id": who.cluster_id,
                "cluster": who.name,
                "profile": profile(apart[at], own, means),
                "customer_count": int(mine.sum()),
                "share": float(mine.mean()),
                "is_new": who.moved is None,
                "moved": None if who.moved is None else plain(who.moved),
                "silhouette": plain(best.silhouette),
                "stability": plain(best.stability),
                "tried": tried,
                "clip_at": model.clip_at,
                "features": [
                    {
                        "feature": s.feature,
                        "scale": s.scale,
                        "weight": s.weight,
                        "mean": s.mean,
                        "deviation": s.deviation,
                        "centre": plain(float(c), DIGITS),
                        "difference": plain(apart[at][s.feature]),
                        "cluster_mean": own[s.feature],
                        "customer_mean": means[s.feature],
                    }
                    for s, c in zip(model.scales, model.centres[at], strict=True)
                ],
            }
        )
    return pa.Table.from_pylist(rows)


def mean(values: Floats) -> float:
    """The mean of what is known; 0 of nothing."""
    known = values[~np.isnan(values)]
    return plain(float(known.mean())) if len(known) else 0.0
