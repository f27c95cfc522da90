"""What sets a group of customers apart, in words."""

from collections.abc import Mapping

TOLD = 3  # features that a profile names


def profile(apart: Mapping[str, float], own: Mapping[str, float], means: Mapping[str, float]) -> str:
    """What sets a cluster apart, strongest first: "discount share 0.41 against 0.22 (+1.3 sd)"."""
    furthest = sorted(apart, key=lambda name: (-abs(apart[name]), name))[:TOLD]
    return "; ".join(
        f"{name.replace('_', ' ')} {shown(own[name])} against {shown(means[name])} ({apart[name]:+.1f} sd)"
        for name in furthest
    )


def shown(value: float) -> str:
    """Three digits, large numbers whole."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def plain(value: float, digits: int = 3) -> float:
    """Few digits, so that every engine writes the number alike; also where a last bit decides between two of them."""
    rounded = round(round(value, digits + 4), digits)
    return rounded if abs(rounded) >= 1e-3 else 0.0
