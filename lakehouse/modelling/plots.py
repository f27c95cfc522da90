"""Pictures of an evaluation, drawn without a display and without pyplot's global state."""

from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lakehouse.modelling.metrics import GROUPS, roc_points
from lakehouse.modelling.training import Trained

Floats = NDArray[np.float64]
SIZE, DPI = (5.0, 4.0), 80


def draw_all(folder: Path, trained: Trained, shap: dict[str, float]) -> None:
    """ROC, precision and recall, calibration, lift, learning curve, SHAP summary, and profit where costs are known."""
    label, answer = trained.data.held_out.label, trained.answer
    if trained.scorer.is_binary:
        line(folder / "roc.png", roc_points(label, answer), "false positive rate", "true positive rate", "ROC")
        precision_recall(folder / "precision_recall.png", label, answer)
        calibration(folder / "calibration.png", label, answer)
        shares = np.linspace(0.05, 1, 20)
        order = np.argsort(-answer, kind="stable")
        rates = [label[order[: max(1, round(share * len(label)))]].mean() / label.mean() for share in shares]
        line(folder / "lift.png", (shares, np.array(rates)), "share with the highest scores", "lift", "Lift")
    if trained.evaluation.profit:
        points = np.array(trained.evaluation.profit).T
        line(folder / "profit.png", (points[0], points[1]), "share acted on", "gain per example", "Profit")
    if trained.learning_curve:
        points = np.array(trained.learning_curve, dtype=float).T
        line(folder / "learning_curve.png", (points[0], points[1]), "rows learned from", "loss", "Learning curve")
    bars(folder / "shap_summary.png", shap)


def line(path: Path, points: tuple[Floats, Floats], x: str, y: str, title: str) -> None:
    """One line."""
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    axes.plot(*points, color="tab:blue")
    axes.set(xlabel=x, ylabel=y, title=title)
    save(figure, path)


def precision_recall(path: Path, label: Floats, answer: Floats) -> None:
    """Precision by recall over all thresholds."""
    order = np.argsort(-answer, kind="stable")
    hits = np.cumsum(label[order])
    points = (hits / hits[-1], hits / np.arange(1, len(hits) + 1))
    line(path, points, "recall", "precision", "Precision and recall")


def calibration(path: Path, label: Floats, answer: Floats) -> None:
    """What happened against what was said, in ten equal groups."""
    groups = np.array_split(np.argsort(answer, kind="stable"), min(GROUPS, len(answer)))
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="grey", linestyle=":")
    axes.plot([answer[g].mean() for g in groups], [label[g].mean() for g in groups], marker="o", color="tab:blue")
    axes.set(xlabel="mean probability of a tenth", ylabel="share that came true", title="Calibration")
    save(figure, path)


def bars(path: Path, shap: dict[str, float]) -> None:
    """Mean size of each feature's contribution, the largest on top."""
    items = sorted(shap.items(), key=lambda item: item[1])[-20:]
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    axes.barh([name for name, _ in items], [value for _, value in items], color="tab:blue")
    axes.set(xlabel="mean |contribution to the margin|", title="SHAP summary")
    axes.tick_params(axis="y", labelsize=7)
    save(figure, path)


def save(figure: Figure, path: Path) -> None:
    """Write the figure as PNG."""
    FigureCanvasAgg(figure)
    figure.savefig(path, dpi=DPI)
