"""The report's plots as SVG text: small, quiet, readable on a phone."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from jobs.report.page.night_facts import Facts, Rows

INK, MAIN, SOFT = "#22303c", "#2f6f8f", "#a9c6d3"
STYLE = {
    "font.size": 9,
    "svg.fonttype": "none",
    "svg.hashsalt": "report",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
}


def import_plotting() -> None:
    """Import what plots and pages need, seconds of work that a thread can do before the facts are there."""
    import jinja2
    import matplotlib.backends.backend_svg
    import matplotlib.figure

    del jinja2, matplotlib


def all_of(facts: Facts) -> dict[str, str]:
    """Every plot that the facts allow, by name."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update(STYLE)  # type: ignore[arg-type]
    made = {name: plot(facts) for name, plot in PLOTS.items()}
    return {name: svg for name, svg in made.items() if svg}


def _bars(rows: Rows, label: str, value: str, axis: str, scale: float = 1.0) -> str:
    """Horizontal bars with their figures written beside them."""
    if not rows:
        return ""
    names = [str(row[label]).replace("_", " ") for row in rows][::-1]
    sizes = [float(row[value] or 0) * scale for row in rows][::-1]
    figure, axes = _figure(0.6 + 0.26 * len(rows))
    bars = axes.barh(names, sizes, color=MAIN)
    axes.bar_label(bars, labels=[f"{size:,.0f}" for size in sizes], padding=3, fontsize=8)
    axes.set_xlabel(axis)
    axes.margins(x=0.15)
    return _svg(figure)


def _segments(facts: Facts) -> str:
    return _bars(facts.rows["segments"], "segment", "customers", "customers")


def _states(facts: Facts) -> str:
    return _bars(facts.rows["states"], "state", "customers", "customers")


def _value(facts: Facts) -> str:
    """How value is spread: the share of all value that the best customers bring."""
    values = sorted((row["clv"] for row in facts.rows["clv"]), reverse=True)
    if len(values) < 10:
        return ""
    import numpy as np

    share = np.concatenate([[0.0], np.cumsum(values) / max(sum(values), 1e-9)]) * 100
    figure, axes = _figure(2.4)
    axes.plot(np.linspace(0, 100, len(share)), share, color=MAIN)
    axes.plot([0, 100], [0, 100], color=SOFT, linewidth=1)
    top = float(np.interp(20, np.linspace(0, 100, len(share)), share))
    axes.annotate(
        f"the best 20 % of customers\nbring {top:.0f} % of expected value",
        (20, top),
        (34, top * 0.55),
        arrowprops={"arrowstyle": "-", "color": INK},
    )
    axes.set_xlabel("customers, best first (%)")
    axes.set_ylabel("value in 365 days (%)")
    return _svg(figure)


def _months(facts: Facts) -> str:
    rows = facts.rows["months"][-18:]
    if len(rows) < 2:
        return ""
    figure, axes = _figure(2.2)
    bars = axes.bar([row["month"][2:] for row in rows], [float(row["spend"] or 0) / 1000 for row in rows], color=SOFT)
    axes.set_ylabel(f"spend, thousands {facts.currency}".strip())
    if _is_unfinished(rows[-1]["month"], facts.run_date):
        bars[-1].set(facecolor="none", edgecolor=MAIN, linestyle="--", hatch="///")
        axes.bar_label(bars, labels=[""] * (len(rows) - 1) + [f"to {facts.run_date:%-d %b}"], fontsize=7, padding=2)
    axes.tick_params(axis="x", rotation=60)
    other = axes.twinx()
    whole = rows[:-1] if _is_unfinished(rows[-1]["month"], facts.run_date) else rows
    other.plot(
        [row["month"][2:] for row in whole], [row["accounts"] for row in whole], color=MAIN, marker="o", markersize=3
    )
    other.set_ylabel("buying accounts", color=MAIN)
    other.set_ylim(0, 1.1 * max((row["accounts"] for row in whole), default=1))
    return _svg(figure)


def _is_unfinished(month: str, day: date) -> bool:
    """Whether a month, as 2026-03, is still running on the evening of a day."""
    return month == f"{day:%Y-%m}" and (day + timedelta(days=1)).month == day.month


def _forecast(facts: Facts) -> str:
    """Weekly sales and what is expected, with the interval."""
    ahead, past = facts.rows["forecast"], facts.rows["weeks"][-39:]
    if not ahead or not past:
        return ""
    figure, axes = _figure(2.2)
    axes.plot([row["week_start"] for row in past], [row["sales"] / 1000 for row in past], color=MAIN)
    weeks = [row["week_start"] for row in ahead]
    low, high = ([row[end] / 1000 for row in ahead] for end in ("low", "high"))
    axes.fill_between(weeks, low, high, color=SOFT, linewidth=0)
    axes.plot(weeks, [row["expected"] / 1000 for row in ahead], color=INK, linestyle="--")
    axes.set_ylabel(f"sales a week, thousands {facts.currency}".strip())
    axes.set_ylim(bottom=0)
    _month_ticks(axes)
    return _svg(figure)


def _month_ticks(axes: Any) -> None:
    """Few dates that do not run into each other."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(maxticks=8)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]


def _jobs(facts: Facts) -> str:
    rows = sorted((r for r in facts.jobs if r["seconds"]), key=lambda r: -r["seconds"])[:10]
    return _bars(rows, "job", "seconds", "seconds")


def _figure(height: float) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, height), layout="constrained")
    return figure, figure.subplots()


def _svg(figure: Any) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


PLOTS: dict[str, Callable[[Facts], str]] = {
    "segments": _segments,
    "states": _states,
    "value": _value,
    "months": _months,
    "forecast": _forecast,
    "jobs": _jobs,
}
