"""What every trial starts from."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from lakehouse.config.layers import Conf
from tests.crash.company import Place
from tests.crash.kills import Point
from tests.crash.nights import Nights

Tried = Iterator[tuple[str, Conf, int]]  # which night, its lake, how often it was disturbed


@dataclass(frozen=True)
class Setting:
    """What trials start from.

    Args:
        nights: the first night and the second, which starts from a copy of the first.
        wanted: what they leave when nothing disturbs them.
        points: the sides of their commits.
        seconds: how long the second takes.
        chance: for what is left to it.
        share: of all trials.
    """

    place: Place
    nights: dict[str, Nights]
    wanted: dict[str, dict[str, Any]]
    points: dict[str, list[Point]]
    seconds: float
    chance: random.Random
    share: float

    def begun(self, which: str, trial: str, engine: str = "") -> Conf:
        """A lake of its own in which that night comes next.

        Args:
            engine: by what its tables are written; usually by what all are.
        """
        place = replace(self.place, engine=engine or self.place.engine)
        return place.copy("first", trial) if which == "second" else place.conf(trial)

    def some(self, points: list[Point]) -> list[Point]:
        """The share of the sides of commits that this run tries."""
        count = max(1, round(len(points) * self.share))
        return points if count == len(points) else self.chance.sample(points, count)

    def times(self, whole: int) -> int:
        """How many of so many trials this run makes."""
        return max(1, round(whole * self.share))
