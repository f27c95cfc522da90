"""Every kind of disturbance: each yields nights to compare with the undisturbed one."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lakehouse.config.layers import Conf
from tests.crash import kills
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


def killed_at_commits(side: str) -> Callable[[Setting], Tried]:
    """Killed once on one side of each commit, the first night and the second."""

    def trial(setting: Setting) -> Tried:
        for which in ("first", "second"):
            conf = setting.begun(which, f"{side}-{which}")
            died = kills.at_commits(setting.nights[which], conf, setting.some(which, side))
            yield which, conf, len(died)

    return trial


def killed_at_moments(setting: Setting) -> Tried:
    """Killed at random moments, fifty in all."""
    left = setting.times(50)
    for number in range(left):
        if left <= 0:
            return
        conf = setting.begun("second", f"moments-{number}")
        died = kills.at_moments(setting.nights["second"], conf, setting.chance, setting.seconds, min(8, left))
        left -= max(1, died)
        yield "second", conf, died


TRIALS: dict[str, Callable[[Setting], Tried]] = {
    "killed before a commit": killed_at_commits("before"),
    "killed after a commit": killed_at_commits("after"),
    "killed at a random moment": killed_at_moments,
}
