"""Tonight's recommendations of one share of the customers, from the last fit's factors and ranker."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from jobs.gold.recommending.candidates import Candidates, Facts, affinity, candidates
from jobs.gold.recommending.choosing import Chosen, chosen
from jobs.gold.recommending.items import Items
from jobs.gold.recommending.kinds import kinds_of
from jobs.gold.recommending.named import Named
from jobs.gold.recommending.products import ids
from jobs.gold.recommending.purchases import Floats, Ints, Purchases
from jobs.gold.recommending.ranker import Ranker
from jobs.gold.recommending.reasons import Picked, display_names_of, said, taken
from jobs.gold.settings.recommendations import KINDS, Settings

CELLS = 8_000_000  # customers x items at once


@dataclass(frozen=True)
class Model:
    """What the last fit left: item key -> factors, and the ranker."""

    fitted_on: date | None
    keys: list[str]
    factors: Floats
    ranker: Ranker

    def of(self, items: Items) -> Floats:
        """Factors in the order of these items; an item that the fit did not know has none: its taste is 0."""
        place = {key: row for row, key in enumerate(self.keys)}
        rows = np.array([place.get(key, -1) for key in items.keys], np.int64)
        size = self.factors.shape[1] if self.factors.ndim == 2 else 0
        padded = np.zeros((len(self.keys) + 1, size))
        padded[:-1] = self.factors.reshape(len(self.keys), size)
        return padded[rows]


@dataclass(frozen=True)
class Crowd:
    """What all customers together say of the items: facts, the product that stands for each, the catalogue."""

    known: Facts
    popular: Ints
    kept: Ints


def recommended(bought: Purchases, crowd: Crowd, ranker: Ranker, named: Named, settings: Settings) -> list[pa.Table]:
    """The rows of every customer with a purchase, by batches; one table without rows where there is nobody.

    Args:
        named: what rules name.
    """
    step = max(1, CELLS // max(1, len(bought.items.keys)))
    parts = []
    for first in range(0, len(bought.customers) or 1, step):
        part = bought.of(first, min(first + step, len(bought.customers)))
        parts.append(batch(part, crowd, ranker, named.of(first, first + step), settings))
    return parts


def batch(bought: Purchases, crowd: Crowd, ranker: Ranker, named: Named, settings: Settings) -> pa.Table:
    """The rows of some customers."""
    known = crowd.known
    liking = affinity(bought, known, settings.factors)
    offered = candidates(bought, known, liking, settings.learning.candidates_per_source, (named.customer, named.item))
    probability = ranker.probabilities(offered)
    kind = kinds_of(bought, offered, settings.choice, named)
    picked = chosen(offered, probability, kind, known, settings.choice)
    return rows(bought, crowd, Ranked(offered, probability, kind, picked), named, settings)


@dataclass(frozen=True)
class Ranked:
    """Candidates with their probability and kind, and which of them were chosen."""

    offered: Candidates
    probability: Floats
    kind: Ints
    picked: Chosen


def rows(bought: Purchases, crowd: Crowd, ranked: Ranked, named: Named, settings: Settings) -> pa.Table:
    """The table's columns but for level and consent."""
    items, place, offered = bought.items, ranked.picked.place, ranked.offered
    item, kinds, pair = offered.item[place], ranked.kind[place], offered.pair[place]
    display_names = display_names_of(items, settings.catalogue.spoken_names)
    sentences = said(bought, crowd.known, Picked(offered.customer[place], item, pair, kinds), named, display_names)
    product = np.where(pair >= 0, bought.product[pair], crowd.popular[item]) if len(item) else item
    return pa.table(
        {
            "customer_id": taken(pa.array(bought.customers, pa.string()), offered.customer[place]),
            "rank": pa.array(ranked.picked.rank, pa.int32()),
            "item": taken(pa.array(items.keys, pa.string()), item),
            "item_name": taken(display_names[0], item),
            "category": taken(pa.array(items.categories, pa.string()), item),
            "department": taken(pa.array(items.departments, pa.string()), item),
            "product_id": ids(items, product),
            "kind": pa.array(np.array(KINDS, object)[kinds], pa.string()),
            "source": sentences.source,
            "score": pa.array(np.round(ranked.probability[place], 6)),
            "is_long_tail": pa.array(crowd.known.is_long_tail(settings.choice.head_share)[item]),
            "because_of": taken(pa.array(items.keys, pa.string()), sentences.because),
            "reason": sentences.reason,
        }
    )
