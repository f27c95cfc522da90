"""Why a customer is a customer: what holds its accounts together, and what nearly belonged and why it does not.

Reads identity.customer_map, match_pairs, linkage_models, customer_id_ledger and silver.customers, and the stewards'
decisions and the review queue where they exist, through delta-rs: no Spark, no JVM.
"""

from dataclasses import dataclass
from datetime import date

from jobs.identity.explaining.kept_facts import Facts, Row, decisions_on, ends, events, text, texts
from jobs.identity.explaining.telling_pairs import nearest, strongest
from jobs.identity.explaining.verdicts import holds, why_not
from jobs.identity.explaining.waterfall import Bar, Pair
from jobs.identity.explaining.weighing import weigher
from jobs.identity.persistent_ids import ledger
from jobs.identity.settings.identity import Settings
from lakehouse.config.layers import Conf
from lakehouse.errors import LakehouseError


@dataclass(frozen=True)
class Tie:
    """A pair of accounts and what speaks for and against their being one person.

    weight: bits, as it was scored; verdict: in words, what became of it.
    """

    left: str
    right: str
    weight: float
    probability: float
    rule: str
    bars: tuple[Bar, ...]
    verdict: str = ""
    other_customer: str = ""


@dataclass(frozen=True)
class Explanation:
    """All about one customer. path: the asked id and those that it was merged into, with the day of each merge."""

    asked: str
    customer_id: str
    path: tuple[tuple[str, date | None], ...]
    members: tuple[Row, ...]
    ties: tuple[Tie, ...]
    near: tuple[Tie, ...]
    events: tuple[Row, ...]
    decisions: tuple[Row, ...]
    model_day: date | None
    join_bits: float
    keep_bits: float


def explain(conf: Conf, asked: str) -> Explanation:
    """Gather and weigh the evidence on a customer.

    Args:
        asked: a customer id, also one that was merged away.

    Raises:
        LakehouseError: there is no such customer, or no night has been yet.
    """
    facts, settings = Facts(conf.profile.path(conf.profile.lake)), conf.settings("identity", Settings)
    path = ledger.resolve(ledger.chain(facts.root, asked), asked, date.max).path
    customer = path[-1][0]
    members = facts.rows("identity.customer_map", "*", f"customer_id = {text(customer)}")
    if not members:
        raise LakehouseError(
            f"there is no customer {asked}",
            facts.root,
            "look for it with 'lakehouse sql' in identity.customer_map; a retired or erased one has no account left",
        )
    own = sorted(row["account_id"] for row in members)
    pairs = facts.rows(
        "identity.match_pairs", "*", f"account_id_left IN ({texts(own)}) OR account_id_right IN ({texts(own)})"
    )
    decisions = decisions_on(facts, own)
    held = strongest(pairs, decisions, own)
    near = nearest(facts, pairs, decisions, set(own))
    model_day, model = weigher(facts, conf, settings, [*held, *near])
    bars = model.bars([ends(pair) for pair in [*held, *near]]) if model else {}
    return Explanation(
        asked,
        customer,
        path,
        tuple(sorted(members, key=lambda row: (row["arrived_on"], row["account_id"]))),
        tuple(_tie(pair, bars, holds(pair, decisions)) for pair in held),
        tuple(_tie(pair, bars, why_not(facts, pair, own, pairs, decisions, settings)) for pair in near),
        tuple(sorted(events(facts, [i for i, _ in path]), key=lambda e: (e["run_date"], e["event"]))),
        tuple(decisions),
        model_day,
        settings.clustering.join_weight_bits,
        settings.clustering.keep_weight_bits,
    )


def _tie(pair: Row, bars: dict[Pair, list[Bar]], verdict: str) -> Tie:
    found = bars.get(ends(pair), [])
    total = sum(bar.bits for bar in found)
    weight = total if pair["match_weight"] is None else pair["match_weight"]
    rest = weight - total
    if found and abs(rest) >= 0.05:
        is_key = pair["match_rule"].startswith("key ")
        name = pair["match_rule"] if is_key else "rest"
        level = f"trusted with {weight:g} bits" if is_key else "rarity of values, or changed since it was scored"
        found = [*found, Bar("other", name, level, rest)]
    probability = 1 / (1 + 2.0**-weight)
    return Tie(*ends(pair), weight, probability, pair["match_rule"], tuple(found), verdict, pair.get("other", ""))
