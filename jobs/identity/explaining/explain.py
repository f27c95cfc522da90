"""Why a customer is a customer: what holds its accounts together, and what nearly belonged and why it does not.

Reads identity.customer_map, match_pairs, linkage_models, customer_id_ledger and silver.customers, and the stewards'
decisions and the review queue where they exist, through delta-rs: no Spark, no JVM.
"""

from dataclasses import dataclass
from datetime import date

from jobs.identity.explaining.asked import asked
from jobs.identity.explaining.informative_pairs import nearest, strongest
from jobs.identity.explaining.kept_facts import Facts, Row, decisions_on, ends, events, texts
from jobs.identity.explaining.reasons import why_joined, why_not
from jobs.identity.explaining.scoring import scorer
from jobs.identity.explaining.waterfall import Bar, Pair
from jobs.identity.settings.identity import Settings
from lakehouse.config.layers import Conf


@dataclass(frozen=True)
class Edge:
    """A pair of accounts and what speaks for and against their being one person.

    weight: bits, as it was scored; reason: in words, what became of it and why.
    """

    left: str
    right: str
    weight: float
    probability: float
    rule: str
    bars: tuple[Bar, ...]
    reason: str = ""
    other_customer: str = ""


@dataclass(frozen=True)
class Explanation:
    """All about one customer.

    path: the requested id and those that it was merged into, with the day of each merge; account: the account that was
    asked about, "" where it was a customer; edges: those pairs that hold the accounts together; kept: left, right and
    bits of every scored pair of them.
    """

    customer_id: str
    account: str
    path: tuple[tuple[str, date | None], ...]
    members: tuple[Row, ...]
    edges: tuple[Edge, ...]
    kept: tuple[tuple[str, str, float], ...]
    near: tuple[Edge, ...]
    events: tuple[Row, ...]
    decisions: tuple[Row, ...]
    model_day: date | None
    join_bits: float
    least_kept_bits: float


def explain(conf: Conf, requested_id: str) -> Explanation:
    """Gather and score the evidence on a customer.

    Args:
        requested_id: a customer id, also one that was merged away, or an account id.

    Raises:
        LakehouseError: there is no such customer or account, or no night has been yet.
    """
    facts, settings = Facts(conf.profile.path(conf.profile.lake)), conf.settings("identity", Settings)
    found = asked(facts, requested_id)
    own = sorted(row["account_id"] for row in found.members)
    pairs = facts.rows(
        "identity.match_pairs", "*", f"account_id_left IN ({texts(own)}) OR account_id_right IN ({texts(own)})"
    )
    decisions = decisions_on(facts, own)
    held = strongest(pairs, decisions, own)
    near = nearest(facts, pairs, decisions, set(own))
    model_day, model = scorer(facts, conf, settings, [*held, *near])
    bars = model.bars([ends(pair) for pair in [*held, *near]]) if model else {}
    return Explanation(
        found.path[-1][0],
        found.account,
        found.path,
        found.members,
        tuple(_edge(pair, bars, why_joined(pair, decisions)) for pair in held),
        tuple((*ends(p), p["match_weight"] or 0.0) for p in pairs if set(own).issuperset(ends(p))),
        tuple(_edge(pair, bars, why_not(facts, pair, own, pairs, decisions, settings)) for pair in near),
        tuple(sorted(events(facts, [i for i, _ in found.path]), key=lambda e: (e["run_date"], e["event"]))),
        tuple(decisions),
        model_day,
        settings.clustering.join_weight_bits,
        settings.clustering.keep_weight_bits,
    )


def _edge(pair: Row, bars: dict[Pair, list[Bar]], reason: str) -> Edge:
    shown_bars = bars.get(ends(pair), [])
    total = sum(bar.bits for bar in shown_bars)
    weight = total if pair["match_weight"] is None else pair["match_weight"]
    rest = weight - total
    if shown_bars and abs(rest) >= 0.05:
        is_key = pair["match_rule"].startswith("key ")
        name = pair["match_rule"] if is_key else "rest"
        level = f"trusted with {weight:g} bits" if is_key else "rarity of values, or changed since it was scored"
        shown_bars = [*shown_bars, Bar("other", name, level, rest)]
    probability = 1 / (1 + 2.0**-weight)
    return Edge(*ends(pair), weight, probability, pair["match_rule"], tuple(shown_bars), reason, pair.get("other", ""))
