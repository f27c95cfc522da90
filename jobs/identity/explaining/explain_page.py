"""An explanation as one HTML page: no scripts, nothing loaded, a graph and waterfalls as inline SVG.

What speaks against one person is striped and has a minus, so that nothing rests on colour alone.
"""

from dataclasses import dataclass
from html import escape
from itertools import accumulate
from pathlib import Path

from jobs.identity.explaining.account_graph import account_graph
from jobs.identity.explaining.explain import Edge, Explanation
from jobs.identity.explaining.explain_text import counted, percent
from jobs.identity.explaining.holding import called, held_by, numbers, other_end, what_agrees
from jobs.identity.explaining.waterfall import Bar

LABEL, PLOT, FIGURE, ROW = 300, 400, 60, 24  # pixels
LABEL_SIGNS = 42
FOR, AGAINST, START, TOTAL = "#3c7a57", "url(#against)", "#9aa8b2", "#2f6f8f"


@dataclass(frozen=True)
class Drawn:
    """A bar of a chart: what it is called, its level in words, bits; begin, end: pixels from the plot's left edge."""

    name: str
    level: str
    bits: float
    begin: float
    end: float
    colour: str


def write(explanation: Explanation, file: Path, show_values: bool) -> None:
    """Write the page; compared values only where they are asked for."""
    import jinja2

    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    engine = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    page = engine.get_template("explain.html.j2").render(
        explanation=explanation,
        show_values=show_values,
        chart=chart,
        graph=account_graph(explanation),
        called=called,
        held_by=held_by,
        other_end=other_end,
        numbers=numbers(explanation),
        what_agrees=what_agrees,
        counted=counted,
        unknown=unknown,
    )
    file.write_text(page, encoding="utf-8")


def unknown(edge: Edge) -> list[str]:
    """Fields that one of the two accounts does not tell."""
    return [called(bar) for bar in edge.bars if bar.kind == "field" and bar.level == "not known"]


def chart(edge: Edge) -> str:
    """The match weight as a waterfall: each bar begins where the one before ends; the last is the sum."""
    bars = [bar for bar in edge.bars if not (bar.kind == "field" and bar.level == "not known")]
    ends = [0.0, *accumulate(bar.bits for bar in bars)]
    low, high = min([*ends, edge.weight]), max([*ends, edge.weight])
    scale = PLOT / max(high - low, 1.0)
    drawn = [
        Drawn(called(bar), bar.level, bar.bits, (begin - low) * scale, (end - low) * scale, _colour(bar))
        for bar, begin, end in zip(bars, ends[:-1], ends[1:], strict=True)
    ]
    zero, end = -low * scale, (edge.weight - low) * scale
    drawn.append(Drawn("together", percent(edge.probability), edge.weight, zero, end, TOTAL))
    rows = [_row(number, bar) for number, bar in enumerate(drawn)]
    height, width, at = ROW * (len(bars) + 1) + 8, LABEL + PLOT + FIGURE, LABEL + zero
    axis = f'<line x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="{height}" stroke="#22303c" stroke-dasharray="2 3"/>'
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" '
        f'aria-label="match weight of {edge.weight:.1f} bits, taken apart">{axis}{"".join(rows)}</svg>'
    )


def _colour(bar: Bar) -> str:
    return START if bar.kind in ("prior", "channels") else FOR if bar.bits > 0 else AGAINST


def _row(number: int, bar: Drawn) -> str:
    name, level = bar.name, bar.level
    top, left, width = number * ROW + 4, min(bar.begin, bar.end), max(abs(bar.end - bar.begin), 1.5)
    text, at, room = top + 14, LABEL + max(bar.begin, bar.end) + 6, LABEL_SIGNS - len(name)
    shown_level = level if len(level) <= room else level[: max(room - 1, 0)] + "…"
    return (
        f'<text x="0" y="{text}" class="name">{escape(name)}</text>'
        f'<text x="{LABEL - 8}" y="{text}" class="level">{escape(shown_level)}</text>'
        f'<rect x="{LABEL + left:.1f}" y="{top}" width="{width:.1f}" height="{ROW - 8}" rx="2" fill="{bar.colour}">'
        f"<title>{escape(name)}: {escape(level)}</title></rect>"
        f'<line x1="{LABEL + bar.end:.1f}" x2="{LABEL + bar.end:.1f}" y1="{top}" y2="{top + ROW}" stroke="#c4ced5"/>'
        f'<text x="{at:.1f}" y="{text}" class="bits">{bar.bits:+.1f}</text>'
    )
