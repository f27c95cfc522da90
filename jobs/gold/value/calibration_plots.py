"""The pictures of the holdout, drawn without a display and without pyplot's global state."""

from pathlib import Path

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

SIZE, DPI = (5.0, 4.0), 90


def draw_bars(path: Path, table: pd.DataFrame, by: str, what: str, title: str) -> None:
    """Expected beside actual `what` for each row of `by`."""
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    for shift, kind, colour in ((-0.2, "expected", "tab:blue"), (0.2, "actual", "tab:orange")):
        axes.bar(table[by] + shift, table[f"{kind}_{what}"], width=0.4, label=kind, color=colour)
    axes.set(xlabel=by, ylabel=f"mean {what} of the holdout", title=title)
    axes.legend()
    save(figure, path)


def draw_cumulative(path: Path, table: pd.DataFrame) -> None:
    """Orders up to each week."""
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    for kind, colour in (("expected", "tab:blue"), ("actual", "tab:orange")):
        axes.plot(table["week"], table[f"{kind}_orders"], label=kind, color=colour)
    axes.set(xlabel="week after the cut", ylabel="orders so far", title="Cumulative orders")
    axes.legend()
    save(figure, path)


def save(figure: Figure, path: Path) -> None:
    """Write the figure as PNG."""
    FigureCanvasAgg(figure).print_figure(str(path), dpi=DPI)
