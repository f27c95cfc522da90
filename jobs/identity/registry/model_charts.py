"""Pictures of a match model: m and u per level, and how the pairs' weights lie about the threshold."""

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from jobs.identity.registry.identity_model import Level

DPI = 90
ROW_INCHES = 0.22


def draw_levels(path: Path, levels: list[Level]) -> None:
    """M beside u, and the bits that each level of agreement is worth."""
    figure = Figure(figsize=(9.0, 1.0 + ROW_INCHES * len(levels)), layout="constrained")
    shares, bits = figure.subplots(1, 2, sharey=True)
    names = [f"{level.comparison}: {short(level.label)}" for level in levels]
    places = range(len(levels))
    shares.barh([p - 0.2 for p in places], [level.m for level in levels], 0.4, color="tab:blue", label="m (matches)")
    shares.barh(
        [p + 0.2 for p in places], [level.u for level in levels], 0.4, color="tab:grey", label="u (random pairs)"
    )
    shares.set_yticks(list(places), names, fontsize=7)
    shares.set(xscale="log", xlabel="share of pairs", title="m and u")
    shares.legend(fontsize=7)
    colours = ["tab:green" if level.bits > 0 else "tab:red" for level in levels]
    bits.barh(list(places), [level.bits for level in levels], color=colours)
    bits.axvline(0, color="black", linewidth=0.6)
    bits.set(xlabel="bits", title="match weight")
    bits.margins(y=0.01)
    bits.invert_yaxis()
    save(figure, path)


def short(label: str) -> str:
    """A label that fits beside its bar."""
    return label if len(label) <= 40 else f"{label[:37]}..."


def draw_weights(path: Path, rows: list[dict[str, float]], joins_from_bits: float) -> None:
    """How many pairs have which weight.

    Args:
        rows: bits, pairs, matches; one per whole bit.
    """
    figure = Figure(figsize=(6.0, 3.6), layout="constrained")
    axes = figure.subplots()
    starts = [row["bits"] for row in rows]
    axes.bar(starts, [row["pairs"] for row in rows], 1.0, align="edge", color="tab:grey", label="pairs")
    axes.bar(starts, [row["matches"] for row in rows], 1.0, align="edge", color="tab:blue", label="expected matches")
    axes.axvline(joins_from_bits, color="tab:red", linestyle="--", label="threshold")
    axes.set(xlabel="match weight in bits", ylabel="pairs", yscale="symlog", title="Match weights")
    axes.legend(fontsize=8)
    save(figure, path)


def save(figure: Figure, path: Path) -> None:
    """Write the figure as PNG, without pyplot's global state."""
    FigureCanvasAgg(figure)
    figure.savefig(path, dpi=DPI)
