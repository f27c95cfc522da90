"""What a shop assistant may say: a sentence per recommendation, of the customer's own purchases and nothing else."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jobs.gold.recommending.candidates import Facts, interval_days
from jobs.gold.recommending.choosing import unit
from jobs.gold.recommending.items import Items, normalised
from jobs.gold.recommending.kinds import DUE, REPURCHASE
from jobs.gold.recommending.named import Named
from jobs.gold.recommending.purchases import Ints, Purchases

LEAST_LIKENESS = 0.4  # of two items' factors; below it one says nothing of the other
OFTEN = 3
HABIT = 0.05
CHUNK_PAIRS = 2_000_000


@dataclass(frozen=True)
class Said:
    """Per recommendation: the sentence, what it comes from, and the item that it is because of (-1: none)."""

    reason: pa.Array
    source: pa.Array
    because: Ints


@dataclass(frozen=True)
class Picked:
    """Chosen candidates: customer, item, owned pair (-1: new) and kind of each, by number."""

    customer: Ints
    item: Ints
    pair: Ints
    kind: Ints


def said(
    bought: Purchases, known: Facts, picked: Picked, named: Named, display_names: tuple[pa.Array, pa.Array]
) -> Said:
    """The reasons of chosen candidates.

    Args:
        display_names: per item how it is said, and its category.
    """
    customer, item, pair, kind = picked.customer, picked.item, picked.pair, picked.kind
    because = alike(bought, known, customer, item, kind)
    rule = named.places(customer, item, len(display_names[0]))
    own = {name: np.append(values, 0.0)[pair].astype(np.int64) for name, values in bought.counts.items()}
    every = np.round(interval_days({name: values.astype(float) for name, values in own.items()})).astype(np.int64)
    is_same_category = known.category[item] == known.category[because]
    cause = pc.if_else(pa.array(is_same_category), taken(display_names[0], because), taken(display_names[1], because))
    sentences = {
        "taste": joined("because you buy ", cause),
        "popularity": pa.array(["many of our customers buy it"] * len(item)),
        "rhythm": joined("you buy it about every ", days(every), ", and last did ", days(own["days_since"]), " ago"),
        "history": pc.if_else(
            pa.array(own["day_count"] >= OFTEN),
            joined("you have bought it ", text(own["day_count"]), " times, last ", days(own["days_since"]), " ago"),
            joined("you bought it ", days(own["days_since"]), " ago"),
        ),
        "rule": joined("it goes well with ", taken(named.cause, rule), ", which you buy"),
        "follow_on": joined("many who buy ", taken(named.cause, rule), ", as you do, come to want it"),
    }
    names = list(sentences)
    is_new = (kind != DUE) & (kind != REPURCHASE)
    which = np.where(kind == DUE, 2, np.where(kind == REPURCHASE, 3, np.where(because >= 0, 0, 1)))
    which = np.where(is_new & (rule >= 0), 4, which)
    which = np.where((kind == DUE) & (pair < 0), 5, which)
    reason = pc.choose(pa.array(which), *(values.cast(pa.string()) for values in sentences.values()))
    return Said(reason, pa.array(np.array(names, object)[which], pa.string()), because)


def alike(bought: Purchases, known: Facts, customer: Ints, item: Ints, kind: Ints) -> Ints:
    """Per new item the customer's own one that is most like it (the factors' cosine, a little more for many purchases).

    -1 where none is like it, and for items that are not new.
    """
    nearest = np.full(len(item), -1, np.int64)
    rows = np.flatnonzero((kind != DUE) & (kind != REPURCHASE))
    directions = unit(known.factors).astype(np.float32)
    sought, place = np.unique(item[rows], return_inverse=True)
    likeness = directions[sought] @ directions.T  # only of what is recommended to somebody
    habit = (1.0 + HABIT * np.log1p(bought.counts["day_count"])).astype(np.float32)
    first, end = np.searchsorted(bought.customer, customer[rows]), np.searchsorted(bought.customer, customer[rows] + 1)
    owns = end > first  # not who only brought things back
    rows, place, first, end = rows[owns], place[owns], first[owns], end[owns]
    for part in chunks(end - first):
        length = (end - first)[part]
        start = np.cumsum(length) - length
        own = np.arange(length.sum()) + np.repeat(first[part] - start, length)
        like = likeness[np.repeat(place[part], length), bought.item[own]]
        value = np.round(np.where(like >= LEAST_LIKENESS, like * habit[own], 0.0), 5)
        most = np.maximum.reduceat(value, start)
        at = np.flatnonzero(value == np.repeat(most, length))
        at = at[np.searchsorted(at, start)]  # the first of equals
        nearest[rows[part]] = np.where(most > 0, bought.item[own[at]], -1)
    return nearest


def chunks(lengths: Ints) -> list[Ints]:
    """Row numbers in runs whose lengths sum up to no more than can be held at once."""
    which = np.cumsum(lengths) // CHUNK_PAIRS
    return [np.flatnonzero(which == number) for number in np.unique(which)]


def display_names_of(items: Items, display_names: dict[str, str]) -> tuple[pa.Array, pa.Array]:
    """How the items, and their categories, are said: as conf says, else their names, not shouted."""
    names = [
        display_names.get(key) or display_names.get(name) or normalised(name)
        for key, name in zip(items.keys, items.names, strict=True)
    ]
    kinds = [
        display_names.get(kind) or normalised(kind) or name for kind, name in zip(items.categories, names, strict=True)
    ]
    return pa.array(names, pa.string()), pa.array(kinds, pa.string())


def taken(names: pa.Array, numbers: NDArray[np.int64]) -> pa.Array:
    """The names of these numbers, null for -1."""
    return names.take(pa.array(numbers, mask=numbers < 0))


def days(numbers: Ints) -> pa.Array:
    """Texts such as "1 day", "7 days"."""
    return joined(text(numbers), pc.if_else(pa.array(numbers == 1), " day", " days"))


def text(numbers: Ints) -> pa.Array:
    """Numbers as text."""
    return pa.array(numbers).cast(pa.string())


def joined(*parts: str | pa.Array) -> pa.Array:
    """Texts side by side."""
    return pc.binary_join_element_wise(*parts, "")
