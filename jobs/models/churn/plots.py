"""The pictures of a churn model's evaluation, drawn without a display and without pyplot's global state."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from jobs.models.churn.metrics import Evaluation, Floats, roc_points

SIZE, DPI = (5.0, 4.0), 90


def draw_all(
    folder: Path,
    is_churned: Floats,
    probability: Floats,
    features: Sequence[str],
    lost_auc: Floats,
    evaluation: Evaluation,
) -> None:
    """Write roc.png, calibration.png and feature_importances.png into the folder."""
    draw_roc(folder / "roc.png", is_churned, probability, evaluation)
    draw_calibration(folder / "calibration.png", is_churned, probability)
    draw_importances(folder / "feature_importances.png", features, lost_auc)


def draw_roc(path: Path, is_churned: Floats, probability: Floats, evaluation: Evaluation) -> None:
    """True against false positives over all thresholds."""
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    axes.plot(*roc_points(is_churned, probability), color="tab:blue")
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    axes.set(xlabel="false positive rate", ylabel="true positive rate")
    axes.set_title(f"AUC {evaluation.auc:.3f} ({evaluation.auc_low:.3f} to {evaluation.auc_high:.3f})")
    save(figure, path)


def draw_calibration(path: Path, is_churned: Floats, probability: Floats) -> None:
    """What happened against what was said, in ten equal groups of customers."""
    groups = np.array_split(np.argsort(probability, kind="stable"), min(10, len(probability)))
    predicted = [probability[group].mean() for group in groups]
    happened = [is_churned[group].mean() for group in groups]
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    axes.plot(predicted, happened, marker="o", color="tab:blue")
    axes.set(xlabel="mean churn probability of a tenth", ylabel="share that churned", title="Calibration")
    save(figure, path)


def draw_importances(path: Path, features: Sequence[str], lost_auc: Floats) -> None:
    """AUC lost when a feature is shuffled, largest on top."""
    order = np.argsort(lost_auc)
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    axes.barh([features[i] for i in order], lost_auc[order], color="tab:blue")
    axes.set(xlabel="AUC lost when shuffled", title="Feature importances")
    axes.tick_params(axis="y", labelsize=7)
    save(figure, path)


def save(figure: Figure, path: Path) -> None:
    """Write the figure as PNG."""
    FigureCanvasAgg(figure)
    figure.savefig(path, dpi=DPI)
