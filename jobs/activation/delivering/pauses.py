"""How long to wait before something is tried again: longer each time, never shorter than asked."""

import random

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0  # seconds


def pause_seconds(attempt: int, asked: float = 0.0) -> float:
    """Before the attempt after this one.

    Args:
        attempt: 1 for the first.
        asked: what the receiver asks for, seconds.
    """
    jittered: float = FIRST_PAUSE * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)  # noqa: S311 jitter is no secret
    return min(LONGEST_PAUSE, max(jittered, asked))
