"""What becomes of each candidate: the choice of the night, and the rule that decided in a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.activation.arbitration.problem import Flags, Numbers, Places, Problem, Solution
from jobs.activation.arbitration.solving import solve
from jobs.activation.deciding.sending import ANY_HOUR
from lakehouse.sql.literal import in_query_literal

CANDIDATE, CHOSEN, OUTBID, NO_CAPACITY = "candidate", "chosen", "outbid", "no_capacity"
STATES = (CANDIDATE, CHOSEN, OUTBID, NO_CAPACITY, "held_out", "not_allowed", "cool_down", "no_value")


@dataclass(frozen=True)
class Capacities:
    """Messages in a night: by channel, and by message (kind and name with a blank between); none for no limit."""

    channels: Mapping[str, float]
    messages: Mapping[str, float]


@dataclass(frozen=True)
class Choice:
    """outcome: of each candidate; winner: the place of the customer's chosen one, -1 for none; gap: see Solution."""

    outcome: pa.Array
    winner: Places
    gap: float


def ordered(candidates: pa.Table) -> pa.Table:
    """In the order that decides between equal ones: customer, then value, priority, kind and name, occasion."""
    net = pc.subtract(candidates["value"], candidates["cost"])
    keys = [("customer_id", "ascending"), ("net", "descending"), ("priority", "descending")]
    keys += [(name, "ascending") for name in ("kind", "name", "occasion", "channel")]
    table = candidates.append_column("net", net)
    return table.take(pc.sort_indices(table, sort_keys=keys))


def choose(candidates: pa.Table, capacities: Capacities) -> Choice:
    """Decide over ordered candidates: messages that need no consent first, by priority; the others by their value."""
    state = np.asarray(pc.index_in(candidates["state"], pa.array(STATES)), np.int8)
    asks: Flags = state == STATES.index(CANDIDATE)
    customer = _numbers(candidates["customer_id"])
    channel, channel_caps = _resource(candidates["channel"], capacities.channels)
    message = pc.binary_join_element_wise(candidates["kind"], candidates["name"], " ")
    name, name_caps = _resource(message, capacities.messages)
    free: Flags = ~np.asarray(candidates["needs_consent"], bool)
    resources = (channel, name)
    winner = np.full(int(customer.max(initial=-1)) + 1, -1)
    room = [channel_caps, name_caps]
    priority, net = np.asarray(candidates["priority"], float), np.asarray(candidates["net"], float)
    gap = 0.0
    for part, worth in ((asks & free, priority + 1), (asks & ~free, net)):
        places = np.flatnonzero(part & (winner[customer] < 0))
        found = _solved(places, customer, worth, resources, room)
        taken = places[found.chosen]
        winner[customer[taken]] = taken
        room = [caps - np.bincount(r[taken], minlength=len(caps)) for caps, r in zip(room, resources, strict=True)]
        gap = max(gap, found.gap)
    state[asks] = np.where(winner[customer[asks]] < 0, STATES.index(NO_CAPACITY), STATES.index(OUTBID))
    state[winner[winner >= 0]] = STATES.index(CHOSEN)
    outcome = pa.DictionaryArray.from_arrays(pa.array(state), pa.array(STATES)).cast(pa.string())
    return Choice(outcome, winner[customer] if len(customer) else winner, gap)


def _solved(
    places: Places, customer: Places, worth: Numbers, resources: tuple[Places, ...], room: list[Numbers]
) -> Solution:
    own = tuple(resource[places] for resource in resources)
    return solve(Problem(customer[places], worth[places], own, tuple(room)))


def _numbers(values: pa.ChunkedArray) -> Places:
    """Equal values have equal numbers, in order of first appearance."""
    encoded = values.combine_chunks().dictionary_encode()
    return np.asarray(encoded.indices).astype(np.int64)


def _resource(values: pa.ChunkedArray, limits: Mapping[str, float]) -> tuple[Places, Numbers]:
    encoded = values.combine_chunks().dictionary_encode()
    caps = np.array([limits.get(name, np.inf) for name in encoded.dictionary.to_pylist()], float)
    return np.asarray(encoded.indices).astype(np.int64), caps


REASON = """
    CASE c.outcome
    WHEN 'chosen' THEN concat(c.why, '; ', c.told, '; worth ', {net}, ' beyond its cost',
        coalesce(concat('; answers at ', CAST(c.preferred_hour AS STRING), ' h most often'), ''))
    WHEN 'held_out' THEN c.told
    WHEN 'not_allowed' THEN c.told
    WHEN 'cool_down' THEN c.told
    WHEN 'no_value' THEN concat('it would bring ', {fine_value}, ' and cost ', {fine_cost})
    WHEN 'outbid' THEN concat('one message a night: the ', w.kind, ' ', w.name, ' goes, which brings more in all')
    ELSE concat('all places of the night by ', c.channel, ' or for ', c.name, ' went where they bring more') END"""


UNIVERSAL = "c.outcome = 'held_out' AND c.rule = 'universal_holdout'"


def to_cents(value: str) -> str:
    """A floating value to DECIMAL(18,2), halves away from zero; by way of eight digits: so engines agree on halves."""
    return f"CAST(CAST({value} AS DECIMAL(24,8)) AS DECIMAL(18,2))"


def rows_sql(run_date: date, default_zone: str) -> str:
    """The rows of activation.decisions, over {decided} (candidates with place, outcome, winner), {names}, {windows}."""
    net = f"CAST({to_cents('c.value - c.cost')} AS STRING)"
    fine = {
        f"fine_{name}": f"CAST(CAST(CAST(c.{name} AS DECIMAL(24,8)) AS DECIMAL(18,4)) AS STRING)"
        for name in ("value", "cost")
    }
    company = in_query_literal(default_zone)
    return f"""
    SELECT DATE '{run_date}' AS run_date, c.customer_id, c.kind, c.name, c.occasion, c.channel, c.account_id, n.version,
           n.purpose, replace(n.content, '{{{{item}}}}', coalesce(c.item, '')) AS content, c.item,
           {to_cents("c.value - c.cost")} AS expected_value,
           CAST(round(c.cost, 4) AS DECIMAL(18,4)) AS cost, c.priority,
           CASE WHEN {UNIVERSAL} THEN n.universal_share ELSE n.control_share END AS control_share, c.outcome,
           CASE WHEN c.outcome IN ('held_out', 'not_allowed') THEN c.rule ELSE c.outcome END AS rule,
           {REASON.format(net=net, **fine)} AS reason,
           CASE WHEN c.outcome = 'chosen' THEN t.send_from END AS send_from,
           CASE WHEN c.outcome = 'chosen' THEN t.send_until END AS send_until
    FROM {{decided}} c LEFT JOIN {{decided}} w ON w.place = c.winner AND c.winner >= 0
    JOIN {{names}} n ON n.kind = c.kind AND n.name = c.name
    LEFT JOIN {{windows}} t ON t.channel = c.channel AND t.zone = coalesce(c.zone, {company})
         AND t.hour = coalesce(c.preferred_hour, {ANY_HOUR})"""
