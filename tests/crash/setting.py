"""What every trial starts from."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
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

    def begun(self, which: str, trial: str) -> Conf:
        """A lake of its own in which that night comes next."""
        return self.place.copy("first", trial) if which == "second" else self.place.conf(trial)

    def some(self, which: str, side: str) -> list[Point]:
        """The share of the commits of a night that this run tries."""
        every = [point for point in self.points[which] if point[1] == side]
        count = max(1, round(len(every) * self.share))
        return every if count == len(every) else self.chance.sample(every, count)

    def times(self, whole: int) -> int:
        """How many of so many trials this run makes."""
        return max(1, round(whole * self.share))
