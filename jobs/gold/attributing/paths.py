"""Paths of touches to an order or to none, as flat arrays: one entry a touch, in order of paths and of time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Paths:
    """channel, age: of each touch, days before the order; starts: first touch of each path; cents: what it ended in.

    A path that ended in no order has 0 cents and is not `is_order`.
    """

    channel: Ints
    age: Ints
    starts: Ints
    cents: Ints
    is_order: NDArray[np.bool_]
    channels: int

    @property
    def lengths(self) -> Ints:
        """Touches of each path."""
        lengths: Ints = np.diff(np.r_[self.starts, len(self.channel)]).astype(np.int64)
        return lengths

    @property
    def owner(self) -> Ints:
        """The path of each touch."""
        return np.repeat(np.arange(len(self.starts)), self.lengths)


@dataclass(frozen=True)
class Cut:
    """Days that a touch counts, touches of a path, first day of orders that count (days since 1970), channels."""

    window_days: int
    path_length: int
    first_day: int
    channels: int


def paths_of(touches: dict[str, Ints], orders: dict[str, Ints], cut: Cut) -> Paths:
    """Cut touches into paths.

    Args:
        touches: number (customer), segment (day of the next order, below 0 for none), day, at (minute), channel.
        orders: number, day, cents; sorted by both.
    """
    counts = (touches["segment"] < 0) | (touches["segment"] >= cut.first_day)
    touches = {name: values[counts] for name, values in touches.items()}
    if not len(touches["number"]):
        none = np.zeros(0, np.int64)
        return Paths(none, none, none, none, none.astype(bool), cut.channels)
    number, segment, converts, day, channel = _in_order(touches, cut.window_days)
    age = segment - day
    begins = np.r_[True, (np.diff(number) != 0) | (np.diff(segment) != 0) | (np.diff(converts.astype(int)) != 0)]
    starts = np.flatnonzero(begins)
    ends = np.r_[starts[1:], len(number)]
    keep = np.arange(len(number)) >= np.repeat(ends - cut.path_length, ends - starts)
    starts = np.searchsorted(np.flatnonzero(keep), starts, side="left")
    channel, age, number, segment = (values[keep] for values in (channel, age, number, segment))
    converts = converts[keep]
    cents = np.zeros(len(starts), np.int64)
    is_order = converts[starts]
    key = orders["number"] * 2**20 + orders["day"]
    wanted = number[starts] * 2**20 + segment[starts]
    place = np.searchsorted(key, wanted[is_order])
    cents[is_order] = orders["cents"][place]
    return Paths(channel, np.where(converts, age, 0), starts, cents, is_order, cut.channels)


def _in_order(touches: dict[str, Ints], window_days: int) -> tuple[Ints, Ints, NDArray[np.bool_], Ints, Ints]:
    """number, segment, converts, day and channel, in the order of customers, orders and minutes.

    Packed into one number each they are sorted as numbers, which is many times faster than sorting rows; where they are
    too large for 63 bits, rows are sorted.
    """
    age = touches["segment"] - touches["day"]
    converts = ((touches["segment"] >= 0) & (age <= window_days)).astype(np.int64)
    first = int(touches["day"].min())
    fields = (
        touches["number"],
        np.maximum(touches["segment"] - first + 1, 0),  # no order comes before its touches
        converts,
        touches["at"] - int(touches["at"].min()),
        touches["channel"],
        touches["day"] - first,
    )
    number, segment, converts, _, channel, day = _sorted(fields)
    return number, np.where(segment > 0, segment + first - 1, -1), converts.astype(bool), day + first, channel


def _sorted(fields: tuple[Ints, ...]) -> list[Ints]:
    """Rows of whole numbers from 0 on, sorted by all of them."""
    bits = [int(field.max()).bit_length() for field in fields]
    if sum(bits) > 63:
        order = np.lexsort(fields[::-1])
        return [field[order] for field in fields]
    packed = np.zeros(len(fields[0]), np.int64)
    for field, width in zip(fields, bits, strict=True):
        packed = (packed << width) | field
    packed.sort()
    unpacked: list[Ints] = []
    for width in bits[::-1]:
        unpacked.append(packed & ((1 << width) - 1))
        packed = packed >> width
    return unpacked[::-1]
