"""A night that is killed again and again, and each time simply run once more."""

import random
import time
from collections.abc import Sequence
from typing import Any

from lakehouse.config.layers import Conf
from tests.crash import nights
from tests.crash.commits import Hook
from tests.crash.nights import Nights
from tests.crash.processes import KILLED, Send, settle

Point = tuple[str, str]  # a commit and the side of it
SEEN, DIED = "seen", "died at"


def points(company: Nights, conf: Conf) -> list[Point]:
    """A night without disturbance, and both sides of every commit that it makes, in their order."""

    def watching(send: Send) -> Hook:
        return lambda name, side: send((SEEN, (name, side)))

    code, sent = company.start(conf, watching).ended()
    assert code == 0, sent
    assert sent[-1] == (nights.ERRORS, []), sent[-1]
    return [point for kind, point in sent if kind == SEEN]


def at_commits(company: Nights, conf: Conf, wanted: Sequence[Point]) -> list[Point]:
    """One night that dies once at each of these points that it comes by; then it is run to its end.

    Returns:
        where it died.
    """
    died: list[Point] = []
    while True:
        left = frozenset(wanted) - frozenset(died)
        code, sent = company.start(conf, lambda send, left=left: _dying(send, left)).ended()
        settle(company.spark)
        if code == 0:
            assert sent[-1] == (nights.ERRORS, []), sent[-1]
            return died
        assert code == KILLED, sent
        died.append(next(answer[1] for answer in sent if answer[0] == DIED))


def _dying(send: Send, left: frozenset[Point]) -> Hook:
    def hook(name: str, side: str) -> None:
        if (name, side) in left:
            send((DIED, (name, side)))
            nights.die()

    return hook


def at_moments(company: Nights, conf: Conf, chance: random.Random, seconds: float, kills: int) -> int:
    """One night that dies at random moments; then it is run to its end.

    Args:
        seconds: about how long an undisturbed night takes.
        kills: how often at most; a night may be over before.

    Returns:
        how often it died.
    """
    done = 0
    for _ in range(kills):
        child = company.start(conf)
        time.sleep(chance.uniform(0.02, 0.6) * seconds)
        child.kill()
        code, _sent = child.ended()
        settle(company.spark)
        if code == 0:
            break
        done += 1
    finish(company, conf)
    return done


def finish(company: Nights, conf: Conf) -> list[Any]:
    """The plain re-run.

    Raises:
        AssertionError: it did not end well.
    """
    code, sent = company.start(conf).ended()
    assert code == 0, sent
    assert sent[-1] == (nights.ERRORS, []), sent[-1]
    return sent
