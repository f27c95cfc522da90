"""What kind of recommendation a candidate is: new to the customer, due by rule or rhythm, or bought before."""

import numpy as np

from jobs.gold.recommending.candidates import Candidates, interval_days
from jobs.gold.recommending.named import NONE, Named
from jobs.gold.recommending.purchases import Ints, Purchases
from jobs.gold.settings.recommendations import KINDS, Choice

NEW, DUE, REPURCHASE = (KINDS.index(name) for name in ("new", "due", "repurchase"))

TOO_SOON = -1


def kinds_of(bought: Purchases, offered: Candidates, choice: Choice, named: Named = NONE) -> Ints:
    """The number in KINDS of each candidate, TOO_SOON for what the customer has hardly had time to use up.

    Due: a follow-on rule says so; or bought on `min_times_for_rhythm` days or more, and the days since the last are
    between due_from_ratio and due_to_ratio of the customer's mean interval.
    """
    kind = np.full(len(offered.item), NEW)
    rows = np.flatnonzero(offered.is_owned)
    own = {name: values[offered.pair[rows]] for name, values in bought.counts.items()}
    ratio = own["days_since"] / interval_days(own)
    is_due = (own["day_count"] >= choice.min_times_for_rhythm) & (own["day_count"] > 1)
    is_due &= (ratio >= choice.due_from_ratio) & (ratio <= choice.due_to_ratio)
    kind[rows] = np.where(is_due, DUE, np.where(ratio < choice.repurchase_from_ratio, TOO_SOON, REPURCHASE))
    place = named.places(offered.customer, offered.item, len(bought.items.keys))
    follows = (place >= 0) & ~offered.is_owned
    kind[follows] = np.where(named.is_follow_on[place[follows]], DUE, NEW)
    return kind
