"""A customer's accounts as a graph, as inline SVG: a circle of accounts, and lines for what holds each to the rest.

What holds is a thick line with its bits, thicker with more of them; two lines where a steward said so. Further pairs
that were compared are thin; dashed where they are too weak to join anybody. Nothing rests on colour alone.
"""

import math
from html import escape

from jobs.identity.explaining.explain import Edge, Explanation
from jobs.identity.explaining.holding import STEWARD, numbers, what_agrees

ROOM, ROOM_WITH_LABELS = 48, 84  # pixels of the circle per account; where lines have labels
LEAST_RADIUS, MARGIN = 100, 120  # pixels of the circle, and what is left for channels around it
NODE = 15
MOST_LABELS = 30  # lines that have their bits written beside them
MOST_LEVEL = 12  # accounts with their channel written level; more have it written outwards
FEW_OTHERS = 60  # further pairs; more are drawn paler
NAME_SIGNS = 16
HOLDS, STEWARDS, OTHERS, INK = "#3c7a57", "#22303c", "#9aa8b2", "#22303c"
Point = tuple[float, float]


def account_graph(explanation: Explanation) -> str:
    """The picture; empty for a customer of one account."""
    order = _beside_each_other(explanation)
    if len(order) < 2:
        return ""
    room = ROOM_WITH_LABELS if len(explanation.edges) <= MOST_LABELS else ROOM
    radius = max(LEAST_RADIUS, room * len(order) / (2 * math.pi))
    width = 2 * (radius + MARGIN)
    height = 2 * (radius + 2 * NODE) if len(order) <= MOST_LEVEL else width
    turns = {account: math.pi + 2 * math.pi * turn / len(order) for turn, account in enumerate(order)}
    places = {a: (width / 2 + radius * math.cos(t), height / 2 + radius * math.sin(t)) for a, t in turns.items()}
    holding = {(edge.left, edge.right) for edge in explanation.edges}
    others = [pair for pair in explanation.kept if pair[:2] not in holding]
    paleness = 1.0 if len(others) <= FEW_OTHERS else 0.35
    lines = [
        _other(places[one], places[two], f"{one} and {two}: {bits:+.1f} bits", bits < explanation.join_bits, paleness)
        for one, two, bits in others
    ]
    lines += [_held(edge, places) for edge in explanation.edges]
    if len(explanation.edges) <= MOST_LABELS:
        lines += [_bits(edge, places) for edge in explanation.edges]
    number = numbers(explanation)
    nodes = [
        _node(row, number[row["account_id"]], places[row["account_id"]], row["account_id"] == explanation.account)
        + _channel(str(row["channel"]), places[row["account_id"]], turns[row["account_id"]], len(order) > MOST_LEVEL)
        for row in explanation.members
    ]
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" role="img" '
        f'aria-label="{len(order)} accounts and what holds each to the rest">{"".join([*lines, *nodes])}</svg>'
    )


def _beside_each_other(explanation: Explanation) -> list[str]:
    """The accounts in an order in which those that hold each other are neighbours."""
    beside: dict[str, list[str]] = {row["account_id"]: [] for row in explanation.members}
    for edge in explanation.edges:
        beside[edge.left].append(edge.right)
        beside[edge.right].append(edge.left)
    order: dict[str, None] = {}
    for first in beside:
        waiting = [first]
        while waiting:
            account = waiting.pop()
            waiting += [other for other in reversed(beside[account]) if other not in order]
            order.setdefault(account)
    return list(order)


def _line(one: Point, two: Point, style: str, title: str = "") -> str:
    told = f"<title>{escape(title)}</title>" if title else ""
    (x1, y1), (x2, y2) = one, two
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" {style}>{told}</line>'


def _other(one: Point, two: Point, title: str, is_weak: bool, paleness: float) -> str:
    dashes = ' stroke-dasharray="4 4"' if is_weak else ""
    style = f'stroke="{OTHERS}" stroke-width="1.2" stroke-opacity="{paleness:g}"{dashes}'
    return _line(one, two, style, title)


def _held(edge: Edge, places: dict[str, Point]) -> str:
    one, two = places[edge.left], places[edge.right]
    title = f"{edge.left} and {edge.right}: {edge.weight:+.1f} bits; {edge.reason}; {what_agrees(edge)}"
    if edge.reason.startswith(STEWARD):
        outer = _line(one, two, f'stroke="{STEWARDS}" stroke-width="7"', title)
        return outer + _line(one, two, 'stroke="#fbfcfc" stroke-width="3"', title)
    width = 2 + min(max(edge.weight, 0.0), 20.0) / 4
    return _line(one, two, f'stroke="{HOLDS}" stroke-width="{width:.1f}"', title)


def _bits(edge: Edge, places: dict[str, Point]) -> str:
    (x1, y1), (x2, y2) = places[edge.left], places[edge.right]
    text = "steward" if edge.reason.startswith(STEWARD) else f"{edge.weight:+.1f}"
    return f'<text x="{(x1 + x2) / 2:.1f}" y="{(y1 + y2) / 2 + 4:.1f}" text-anchor="middle" class="bits">{text}</text>'


def _node(row: dict[str, object], number: int, place: Point, is_asked: bool) -> str:
    x, y = place
    return (
        f'<g><title>{escape(str(row["account_id"]))}</title><circle cx="{x:.1f}" cy="{y:.1f}" r="{NODE}" fill="#fff" '
        f'stroke="{INK}" stroke-width="{4 if is_asked else 1.5}"/>'
        f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" class="name">{number}</text></g>'
    )


def _channel(channel: str, place: Point, turn: float, is_outwards: bool) -> str:
    """The channel beside the circle: level, or in the direction in which the account lies."""
    (x, y), is_right = place, math.cos(turn) > 0
    name = channel if len(channel) <= NAME_SIGNS else f"{channel[: NAME_SIGNS - 1]}…"
    at, anchor = (NODE + 6, "start") if is_right else (-NODE - 6, "end")
    degrees = math.degrees(turn) + (0 if is_right else 180) if is_outwards else 0.0
    where = f"translate({x:.1f} {y:.1f}) rotate({degrees:.1f})"
    return f'<text transform="{where}" x="{at}" y="4" text-anchor="{anchor}">{escape(name)}</text>'
