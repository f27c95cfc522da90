"""A column's lineage as a picture: one page with an SVG, for any browser, with nothing to fetch."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from lakehouse.authoring.lineage.graph import Graph, Sources, table_of
from lakehouse.authoring.lineage.tree import label, links, shown

WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 236, 38, 74, 12, 16
LETTERS = 34  # of a name in a box; the whole one is shown where the mouse rests
FILLS = {"bronze": "#f3ead7", "silver": "#e6ebef", "identity": "#e4f1e8", "gold": "#fbf2cf", "models": "#ece6f6"}
STYLE = """
body{font:14px system-ui,sans-serif;margin:24px;color:#22303c}svg{max-width:none}
text{font:12px system-ui,sans-serif;fill:#22303c}.table{font-size:10px;fill:#5b6770}
path{fill:none;stroke:#8fa3b0;stroke-width:1.2}rect{stroke:#8fa3b0}.personal{stroke:#b3261e;stroke-width:2}
.asked{stroke:#22303c;stroke-width:2.4}"""


@dataclass(frozen=True)
class Layout:
    """Where each column's box stands, in pixels, and which follow from which."""

    places: Mapping[str, tuple[int, int]]
    arrows: tuple[tuple[str, str], ...]
    width: int
    height: int


def page(graph: Graph, name: str, is_down: bool = False) -> str:
    """The page; exports stand at the left, what is made of them at the right."""
    found = laid_out(links(graph, is_down), name, is_down)
    title = f"{'What is made of' if is_down else 'What makes'} {label(name)}"
    boxes = "".join(_box(graph, one, found.places[one], one == name) for one in found.places)
    arrows = "".join(_arrow(found.places[start], found.places[end]) for start, end in found.arrows)
    size = f'width="{found.width}" height="{found.height}" viewBox="0 0 {found.width} {found.height}"'
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><h1>{escape(title)}</h1><p>A red border marks personal values.</p>"
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(title)}" {size}>'
        f"{arrows}{boxes}</svg></body></html>\n"
    )


def laid_out(of: Sources, name: str, is_down: bool) -> Layout:
    """Boxes in columns by their longest way from the column that is asked for."""
    depths = longest_ways(of, name)
    last = max(depths.values())
    rows: dict[int, list[str]] = {}
    for one in sorted(depths, key=lambda one: (table_of(one), one)):
        rows.setdefault(depths[one] if is_down else last - depths[one], []).append(one)
    most = max(map(len, rows.values()))
    places = {
        one: (MARGIN + at * (WIDTH + GAP_X), MARGIN + (HEIGHT + GAP_Y) * place + _centred(most - len(row)))
        for at, row in rows.items()
        for place, one in enumerate(row)
    }
    pairs = [(one, two) for one in depths for two in of.get(one, ()) if depths[two] > depths[one]]
    arrows = tuple((one, two) if is_down else (two, one) for one, two in pairs)
    height = 2 * MARGIN + most * (HEIGHT + GAP_Y)
    return Layout(places, arrows, 2 * MARGIN + (last + 1) * (WIDTH + GAP_X) - GAP_X, height)


def _centred(free_rows: int) -> int:
    return free_rows * (HEIGHT + GAP_Y) // 2


def longest_ways(of: Sources, name: str) -> dict[str, int]:
    """Column -> the number of steps of the longest way to it, from 0; ways that come back to themselves are cut."""
    order: list[str] = []
    state: dict[str, int] = {}  # 1: on the way, 2: done
    waiting: list[tuple[str, bool]] = [(name, False)]
    while waiting:
        one, is_left = waiting.pop()
        if is_left:
            state[one] = 2
            order.append(one)
        elif one not in state:
            state[one] = 1
            waiting.append((one, True))
            waiting += [(two, False) for two in of.get(one, ()) if two not in state]
    place = {one: n for n, one in enumerate(reversed(order))}
    depths = dict.fromkeys(place, 0)
    for one, place_of_one in place.items():
        for two in of.get(one, ()):
            if place[two] > place_of_one:
                depths[two] = max(depths[two], depths[one] + 1)
    return depths


def _box(graph: Graph, name: str, at: tuple[int, int], is_asked: bool) -> str:
    x, y = at
    table, column = table_of(name), name.split(".", 2)[2]
    kind = "personal" if name in graph.personal else "asked" if is_asked else ""
    fill = FILLS.get(table.split(".")[0], "#ffffff")
    return (
        f'<g><title>{escape(shown(graph, name))}</title><rect class="{kind}" x="{x}" y="{y}" width="{WIDTH}" '
        f'height="{HEIGHT}" rx="5" fill="{fill}"/><text class="table" x="{x + 8}" y="{y + 14}">'
        f'{escape(_cut(label(table)))}</text><text x="{x + 8}" y="{y + 30}">{escape(_cut(column))}</text></g>'
    )


def _cut(text: str) -> str:
    return text if len(text) <= LETTERS else f"{text[: LETTERS - 1]}…"


def _arrow(start: tuple[int, int], end: tuple[int, int]) -> str:
    x1, y1, x2, y2 = start[0] + WIDTH, start[1] + HEIGHT // 2, end[0], end[1] + HEIGHT // 2
    middle = (x1 + x2) // 2
    return f'<path d="M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}"/>'
