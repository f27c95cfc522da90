"""Why a customer is a customer: what holds its accounts together, and what nearly belonged and why it does not.

Reads identity.customer_map, match_pairs, linkage_models, customer_id_ledger and silver.customers, and the stewards'
decisions and the review queue where they exist, through delta-rs: no Spark, no JVM.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from jobs import delta_log
from jobs.config import Conf
from jobs.errors import LakehouseError
from jobs.identity.cleaners import cleaning
from jobs.identity.cleaners.cleaning_settings import rules
from jobs.identity.explaining.waterfall import Bar, Pair, Weigher
from jobs.identity.lasting import ledger
from jobs.identity.settings import Settings
from jobs.query import Reader

COUNT_UP_TO = 200_000  # accounts; above it only the asked ones are cleaned, and rarities are one sum
NEAREST = 5  # customers that nearly were the same are shown up to this number
Row = dict[str, Any]


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


@dataclass(frozen=True)
class Facts:
    """Reads what an explanation needs, each table only where it exists."""

    root: str

    def rows(self, table: str, columns: str, where: str) -> list[Row]:
        """Rows of a table; none where it does not exist yet."""
        if delta_log.latest_version(f"{self.root}/{table.replace('.', '/', 1)}") is None:
            return []
        return Reader(self.root).sql(f"SELECT {columns} FROM {table} WHERE {where}").to_pylist()


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
    members = facts.rows("identity.customer_map", "*", f"customer_id = {_text(customer)}")
    if not members:
        raise LakehouseError(f"there is no customer {asked}", facts.root, "look for it with 'lakehouse sql' in "
                             "identity.customer_map; a retired or erased one has no account left")  # fmt: skip
    own = sorted(row["account_id"] for row in members)
    pairs = facts.rows(
        "identity.match_pairs", "*", f"account_id_left IN ({_texts(own)}) OR account_id_right IN ({_texts(own)})"
    )
    decisions = _decisions(facts, own)
    strongest = _strongest(pairs, decisions, own)
    near = _nearest(facts, pairs, decisions, set(own))
    model_day, weigher = _weigher(facts, conf, settings, [*strongest, *near])
    bars = weigher.bars([(p["account_id_left"], p["account_id_right"]) for p in [*strongest, *near]]) if weigher else {}
    return Explanation(
        asked, customer, path, tuple(sorted(members, key=lambda row: (row["arrived_on"], row["account_id"]))),
        tuple(_tie(pair, bars, _holds(pair, decisions)) for pair in strongest),
        tuple(_tie(pair, bars, _why_not(facts, pair, own, pairs, decisions, settings)) for pair in near),
        tuple(sorted(_events(facts, [i for i, _ in path]), key=lambda e: (e["run_date"], e["event"]))),
        tuple(decisions), model_day, settings.clustering.join_weight_bits, settings.clustering.keep_weight_bits,
    )  # fmt: skip


def _strongest(pairs: list[Row], decisions: list[Row], own: list[str]) -> list[Row]:
    """The pairs that hold a customer: what a steward joined, then the strongest that connect what is still apart.

    For each account its strongest pair is among them (a spanning tree of greatest weight; Kruskal 1956).
    """
    inside = [p for p in pairs if set(own).issuperset(_ends(p))]
    known = {_ends(p) for p in inside}
    joined = [row for row in decisions if row["decision"] == "same" and set(own).issuperset(_ends(row))]
    inside += [_unscored(row) for row in joined if _ends(row) not in known]
    said = set(map(_ends, joined))
    inside.sort(key=lambda p: (_ends(p) not in said, -(p["match_weight"] or 0.0), *_ends(p)))
    group = {account: account for account in own}
    held = []
    for pair in inside:
        one, other = (group[account] for account in _ends(pair))
        if one != other:
            held.append(pair)
            group = {account: one if label == other else label for account, label in group.items()}
    return held


def _unscored(decision: Row) -> Row:
    return {"match_weight": None, "match_probability": None, "match_rule": "steward decision", **decision}


def _nearest(facts: Facts, pairs: list[Row], decisions: list[Row], own: set[str]) -> list[Row]:
    """The strongest pair with each other customer, the nearest few; each with that customer's id."""
    outside = [p for p in pairs if not own.issuperset(_ends(p))]
    known = {_ends(p) for p in outside}
    kept_apart = [row for row in decisions if row["decision"] == "never" and _ends(row) not in known]
    outside += [_unscored(row) for row in kept_apart if not own.issuperset(_ends(row))]
    others = {account for p in outside for account in _ends(p)} - own
    mapped = {
        row["account_id"]: row["customer_id"]
        for row in facts.rows("identity.customer_map", "account_id, customer_id", f"account_id IN ({_texts(others)})")
    } if others else {}  # fmt: skip
    best: dict[str, Row] = {}
    for pair in sorted(outside, key=lambda p: (-(p["match_weight"] or 0.0), *_ends(p))):
        other = mapped.get(next(account for account in _ends(pair) if account not in own), "")
        best.setdefault(other, {**pair, "other": other})
    return list(best.values())[:NEAREST]


def _weigher(facts: Facts, conf: Conf, settings: Settings, pairs: list[Row]) -> tuple[date | None, Weigher | None]:
    """The model in force over the records that it needs."""
    models = facts.rows("identity.linkage_models", "trained_on, model", "true")
    newest = max(models, key=lambda row: row["trained_on"], default=None)
    if newest is None or not pairs:
        return (None if newest is None else newest["trained_on"]), None
    count = Reader(facts.root).sql("SELECT count(*) AS n FROM silver.customers").to_pylist()[0]["n"]
    asked = {account for pair in pairs for account in _ends(pair)}
    some = "" if count <= COUNT_UP_TO else f" WHERE account_id IN ({_texts(asked)})"
    told = Reader(facts.root).sql(f"SELECT {cleaning.columns_of(_there(facts))} FROM silver.customers{some}")
    # the hashes are of no use here, so no secret is asked for; birth dates after the last night stay out as in it
    last = facts.rows("identity.customer_map", "max(_run_date) AS day", "true")[0]["day"]
    records = cleaning.clean(_plain(told), rules(conf), settings.junk, last, secret="")
    return newest["trained_on"], Weigher(json.loads(newest["model"]), records, has_all=not some)


def _there(facts: Facts) -> list[str]:
    return list(Reader(facts.root).table("silver.customers", None).schema().to_arrow().names)


def _plain(table: pa.Table) -> pa.Table:
    """Text views as texts, which every Arrow function takes."""
    kinds = [pa.field(f.name, pa.string() if pa.types.is_string_view(f.type) else f.type) for f in table.schema]
    return table.cast(pa.schema(kinds))


def _tie(pair: Row, bars: dict[Pair, list[Bar]], verdict: str) -> Tie:
    found = bars.get(_ends(pair), [])
    total = sum(bar.bits for bar in found)
    weight = total if pair["match_weight"] is None else pair["match_weight"]
    rest = weight - total
    if found and abs(rest) >= 0.05:
        is_key = pair["match_rule"].startswith("key ")
        name = pair["match_rule"] if is_key else "rest"
        level = f"trusted with {weight:g} bits" if is_key else "rarity of values, or changed since it was scored"
        found = [*found, Bar("other", name, level, rest)]
    probability = 1 / (1 + 2.0**-weight)
    return Tie(*_ends(pair), weight, probability, pair["match_rule"], tuple(found), verdict, pair.get("other", ""))


def _decisions(facts: Facts, own: list[str]) -> list[Row]:
    asked = f"(account_id_left IN ({_texts(own)}) OR account_id_right IN ({_texts(own)})) AND withdrawn_on IS NULL"
    return facts.rows(
        "identity.steward_decisions", "account_id_left, account_id_right, decision, decided_on, steward", asked
    )


def _decided(pair: Row, decisions: list[Row]) -> str:
    for row in decisions:
        if _ends(row) == _ends(pair):
            said = {"same": "one person", "never": "never one person"}.get(row["decision"], row["decision"])
            return f"a steward said: {said} ({row['steward']}, {row['decided_on']})"
    return ""


def _holds(pair: Row, decisions: list[Row]) -> str:
    return _decided(pair, decisions) or f"they met by {pair['match_rule']}"


def _why_not(
    facts: Facts, pair: Row, own: list[str], pairs: list[Row], decisions: list[Row], settings: Settings
) -> str:
    """Why the pair's customers are two."""
    decided, bounds = _decided(pair, decisions), settings.clustering
    if decided:
        return decided
    weight = pair["match_weight"]
    if weight < bounds.join_weight_bits:
        return f"too weak: {weight:.1f} bits, {bounds.join_weight_bits:g} are needed"
    asked = (
        f"account_id_left = {_text(pair['account_id_left'])} AND account_id_right = {_text(pair['account_id_right'])}"
    )
    review = facts.rows("identity.review_queue", "reason", asked)
    if review:
        return f"waits for a steward: {review[0]['reason']}"
    theirs = {
        r["account_id"]
        for r in facts.rows("identity.customer_map", "account_id", f"customer_id = {_text(pair['other'])}")
    }
    if len(own) + len(theirs) > bounds.largest_cluster:
        return f"together they would have more than {bounds.largest_cluster} accounts"
    between = [min(p["match_weight"], bounds.most_weight_bits) for p in pairs
               if set(_ends(p)) & theirs and set(_ends(p)) & set(own)]  # fmt: skip
    possible = len(own) * len(theirs)
    mean = (sum(between) + bounds.unlinked_weight_bits * (possible - len(between))) / possible
    return (
        f"these two accounts alone would be one person, but the customers' {possible} pairs of accounts have "
        f"{mean:.1f} bits on average, {bounds.join_weight_bits:g} are needed"
    )


def _events(facts: Facts, ids: list[str]) -> list[Row]:
    asked = f"customer_id IN ({_texts(ids)}) OR other_customer_id IN ({_texts(ids)})"
    return facts.rows("identity.customer_id_ledger", "run_date, event, customer_id, other_customer_id, reason", asked)


def _ends(pair: Row) -> Pair:
    return pair["account_id_left"], pair["account_id_right"]


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _texts(values: Any) -> str:
    return ", ".join(map(_text, sorted(values))) or "''"
