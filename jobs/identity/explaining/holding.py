"""What holds an account to the rest of its customer, in words for the terminal and the page."""

from jobs.identity.explaining.explain import Edge, Explanation
from jobs.identity.explaining.waterfall import Bar

STEWARD = "a steward said"  # how the reason of a decided pair begins
MOST_NAMED = 3  # fields


def called(bar: Bar) -> str:
    """A bar's name for people."""
    return bar.name.replace("_", " ") + (": rarity" if bar.kind == "rarity" else "")


def numbers(explanation: Explanation) -> dict[str, int]:
    """Account -> its number, as the list of accounts and the graph show it."""
    return {row["account_id"]: number for number, row in enumerate(explanation.members, start=1)}


def held_by(explanation: Explanation, account_id: str) -> Edge | None:
    """The strongest pair that holds an account to the rest; None for one alone."""
    edges = [edge for edge in explanation.edges if account_id in (edge.left, edge.right)]
    return max(edges, key=lambda edge: edge.weight, default=None)


def other_end(edge: Edge, account_id: str) -> str:
    """The other account of a pair."""
    return edge.right if edge.left == account_id else edge.left


def what_agrees(edge: Edge) -> str:
    """The fields that speak most for one person, the strongest first; the rule where none was compared."""
    bits: dict[str, float] = {}
    for bar in edge.bars:
        if bar.kind in ("field", "rarity", "other"):
            bits[bar.name] = bits.get(bar.name, 0.0) + bar.bits
    named = sorted((name for name in bits if bits[name] > 0), key=lambda name: -bits[name])[:MOST_NAMED]
    return ", ".join(name.replace("_", " ") for name in named) or edge.rule
