"""Customers without an order: what others begin with, in the channel that they know us from."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.gold.recommending.products import ids
from jobs.gold.recommending.purchases import Accounts, Ints, Purchases
from jobs.gold.recommending.reasons import display_names_of
from jobs.gold.settings.recommendations import Settings
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query, Table

ANY = ""  # all channels together
REASON = "many customers begin with it"
CHANNELS = """SELECT DISTINCT a.customer, m.channel
              FROM {accounts} a JOIN {customer_map} m ON a.account_id = m.account_id ORDER BY a.customer, m.channel"""
Offers = list[tuple[int, float]]  # item, share of the beginners who took it


def beginnings(bought: Purchases) -> tuple[Ints, Ints]:
    """Customer and item of what each customer took on their first day."""
    first = np.zeros(len(bought.customers))
    np.maximum.at(first, bought.customer, bought.counts["age_days"])
    then = bought.counts["age_days"] == first[bought.customer]
    return bought.customer[then], bought.item[then]


def offered(bought: Purchases, beginners: Ints, settings: Settings) -> Offers:
    """The items that most of these customers began with, one per category, and their shares.

    Too few beginners with an item (min_buyers) are no recommendation.
    """
    customer, item = beginnings(bought)
    counts = np.bincount(item[np.isin(customer, beginners)], minlength=len(bought.items.keys))
    best: dict[str, tuple[int, float]] = {}
    for number in np.argsort(-counts, kind="stable")[: len(counts)]:
        category = bought.items.categories[number] or bought.items.keys[number]
        if counts[number] < settings.catalogue.min_buyers or len(best) == settings.choice.newcomer_items:
            break
        best.setdefault(category, (int(number), float(counts[number]) / len(beginners)))
    return list(best.values())


def channels_query(accounts: Table) -> Query:
    """The channels that each customer has accounts in.

    Args:
        accounts: the numbers of Accounts.
    """
    tables: dict[str, Table] = {"accounts": accounts, "customer_map": "identity.customer_map"}
    return Query(CHANNELS, tables, answers="customer INT, channel STRING")


def cold_start(lake: Lake, of: Accounts, bought: Purchases, popular: Ints, settings: Settings) -> list[pa.Table]:
    """The rows of customers without a purchase: by the first channel of theirs in which others began, else by all."""
    known = lake.fetch(channels_query(of.numbers))
    ids_of = of.customers.take(known["customer"].combine_chunks())
    place = pc.index_in(ids_of, value_set=pa.array(bought.customers, pa.string()))
    channel = known["channel"].combine_chunks()
    by_channel = {
        name: np.asarray(place.filter(pc.and_(pc.equal(channel, name), pc.is_valid(place)))).astype(np.int64)
        for name in sorted(pc.unique(channel).to_pylist())
    }
    offers = {name: offered(bought, beginners, settings) for name, beginners in by_channel.items()}
    offers[ANY] = offered(bought, np.arange(len(bought.customers)), settings)
    return [
        described(people, offers[name], bought, popular, settings)
        for name, people in waiting(ids_of, channel, place, [name for name in by_channel if offers[name]])
        if offers[name]
    ]


def waiting(customers: pa.Array, channel: pa.Array, place: pa.Array, channels: list[str]) -> list[tuple[str, pa.Array]]:
    """Customers without a purchase by channel, each once, in the first of these channels that they have."""
    new = pc.invert(pc.is_valid(place))
    parts, seen = [], pa.array([], pa.string())
    for name in [*channels, ANY]:
        here = new if name == ANY else pc.and_(new, pc.equal(channel, name))
        people = pc.unique(customers.filter(here))
        people = people.filter(pc.invert(pc.is_in(people, value_set=seen)))
        seen = pa.concat_arrays([seen, people])
        parts.append((name, people))
    return parts


def described(customers: pa.Array, offers: Offers, bought: Purchases, popular: Ints, settings: Settings) -> pa.Table:
    """The table's rows: the same offers for each of these customers."""
    count, size = len(customers), len(offers)
    display_names, _ = display_names_of(bought.items, settings.catalogue.spoken_names)
    items = np.tile(np.array([item for item, _ in offers], np.int64), count)
    numbers = pa.array(items)

    def same(text: str | None) -> pa.Array:
        return pa.array([text], pa.string()).take(pa.array(np.zeros(len(items), np.int64)))

    return pa.table(
        {
            "customer_id": customers.take(pa.array(np.repeat(np.arange(count), size))),
            "rank": pa.array(np.tile(np.arange(1, size + 1), count), pa.int32()),
            "item": pa.array(bought.items.keys, pa.string()).take(numbers),
            "item_name": display_names.take(numbers),
            "category": pa.array(bought.items.categories, pa.string()).take(numbers),
            "department": pa.array(bought.items.departments, pa.string()).take(numbers),
            "product_id": ids(bought.items, popular[items]),
            "kind": same("new"),
            "source": same("popularity"),
            "score": pa.array(np.round(np.tile([share for _, share in offers], count), 6)),
            "is_long_tail": pa.array(np.zeros(len(items), bool)),
            "because_of": same(None),
            "reason": same(REASON),
        }
    )
