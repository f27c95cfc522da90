"""A fitted set of clusters: how features are scaled, the centres, and the query that puts customers to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from jobs.gold.behaviour.kmeans import Floats, Ints
from jobs.gold.settings.behaviour_clusters import Feature

DIGITS = 6  # of what is stored and used: a customer is put to the same centre by any night that reads the table
NARROW = 0.01  # a feature that varies less (a share by one in a hundred) tells nobody apart


@dataclass(frozen=True)
class Scaled:
    """One feature's scale: kind and weight as configured, mean and deviation of the values as taken."""

    feature: str
    scale: str
    weight: float
    mean: float
    deviation: float


def taken(values: Floats, scale: str) -> Floats:
    """Values as they are, as roots or as logarithms of one more; unknown ones stay NaN."""
    if scale == "plain":
        return values
    return np.asarray(np.sqrt(values) if scale == "root" else np.log1p(values))


def fitted_scales(features: Mapping[str, Feature], values: Mapping[str, Floats]) -> list[Scaled]:
    """Mean and deviation of each feature that varies; features of which nothing is known are left out."""
    scales = []
    for name, feature in features.items():
        known = taken(values[name], feature.scale)
        known = known[~np.isnan(known)]
        deviation = float(known.std()) if len(known) else 0.0
        if deviation >= NARROW and feature.weight > 0:
            mean = round(float(known.mean()), DIGITS)
            scales.append(Scaled(name, feature.scale, feature.weight, mean, round(deviation, DIGITS)))
    return scales


def scaled_points(scales: Sequence[Scaled], values: Mapping[str, Floats], clip_at: float) -> Floats:
    """Customers by features in weighted standard deviations, cut at clip_at; an unknown value is average."""
    columns = []
    for s in scales:
        standard = (taken(values[s.feature], s.scale) - s.mean) / s.deviation
        columns.append(s.weight * np.clip(np.nan_to_num(standard, nan=0.0), -clip_at, clip_at))
    return np.stack(columns, axis=1)


def differences(scales: Sequence[Scaled], points: Floats, labels: Ints, count: int) -> list[dict[str, float]]:
    """Per cluster the standard deviations by which its mean customer is above the average one, by feature."""
    by_cluster = []
    for label in range(count):
        mine = points[labels == label]
        mean = mine.mean(axis=0) - points.mean(axis=0) if len(mine) else np.zeros(len(scales))
        by_cluster.append({s.feature: float(m) / s.weight for s, m in zip(scales, mean, strict=True)})
    return by_cluster


def moved_to(old: Sequence[Scaled], centre: Mapping[str, float], new: Sequence[Scaled]) -> Floats:
    """A centre of an earlier fit in the units of a later one; a feature that it did not have is average."""
    before = {s.feature: s for s in old}
    values = []
    for s in new:
        b = before.get(s.feature)
        same = b is not None and b.scale == s.scale
        raw = b.mean + b.deviation * centre[s.feature] / b.weight if b and same else s.mean
        values.append(s.weight * (raw - s.mean) / s.deviation)
    return np.array(values)


def scaled_sql(scales: Sequence[Scaled], clip_at: float) -> str:
    """The points as a query for both engines over {features}: customer_id, z0, z1, ..."""
    columns = ", ".join(f"{z_sql(s, clip_at)} AS z{n}" for n, s in enumerate(scales))
    return f"SELECT *, {columns} FROM {{features}}"


def z_sql(s: Scaled, clip_at: float) -> str:
    """One feature scaled; see `scaled_points`."""
    value = {"plain": s.feature, "root": f"sqrt({s.feature})", "log": f"ln(1.0D + {s.feature})"}[s.scale]
    standard = f"coalesce(({value} - ({s.mean!r}D)) / {s.deviation!r}D, 0.0D)"
    return f"{s.weight!r}D * least(greatest({standard}, -{clip_at!r}D), {clip_at!r}D)"


def assigned_steps(scales: Sequence[Scaled], centres: Floats, clip_at: float) -> dict[str, str]:
    """Named steps over {features}; the last is `assigned`.

    It adds place (row of `centres`), distance and margin (0: another centre is as near; 1: at the centre).
    """

    def squared(centre: Floats) -> str:
        terms = (
            f"(z{n} - ({round(float(c), DIGITS)!r}D)) * (z{n} - ({round(float(c), DIGITS)!r}D))"
            for n, c in enumerate(centre)
        )
        return f"round({' + '.join(terms)}, 9)"

    count = len(centres)
    names = [f"d{k}" for k in range(count)]
    pairs = [f"greatest(d{i}, d{j})" for i in range(count) for j in range(i + 1, count)]
    cases = " ".join(f"WHEN d{k} = nearest THEN {k}" for k in range(count))
    return {
        "scaled": scaled_sql(scales, clip_at),
        "apart": f"SELECT *, {', '.join(f'{squared(c)} AS d{k}' for k, c in enumerate(centres))} FROM {{scaled}}",
        "ranked": f"SELECT *, least({', '.join(names)}) AS nearest, {least_of(pairs)} AS second FROM {{apart}}",
        "assigned": f"""
            SELECT *, CAST(CASE {cases} END AS INT) AS place, round(sqrt(nearest), 6) AS distance,
                   round(1.0D - sqrt(nearest / nullif(second, 0.0D)), 6) AS margin FROM {{ranked}}""",
    }


def least_of(texts: Sequence[str]) -> str:
    """The least of SQL values; of one, itself."""
    return texts[0] if len(texts) == 1 else f"least({', '.join(texts)})"
