"""Groups of accounts grown from the strongest pair down, inside what stewards and cannot-link rules allow.

Two groups become one when the mean weight between their accounts is high enough, a pair that was not kept counting
against it: a single weak bridge joins nobody. A steward's decisions stand above: accounts that are "never" one person
stay apart also through third accounts, and the groups of accounts that are the "same" are one in the end, whatever
lies between them. Keys that are certain come last and give way to both and to cannot-link rules.

What a step does depends on the accounts of its two groups alone, so that groups that nothing new is known of come out
as they were, whatever happens elsewhere.

Accounts may be held: while a new model or configuration waits to be applied, last night's groups of accounts that
nothing new is known of start as they were, and only an account with new evidence can join two of them.

Most components are certainly one person and are taken whole; the others are grown side by side in arrays, and
one at a time only where decisions, certain keys, held accounts or their size ask for it.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jobs.identity.grouping import side_by_side
from jobs.identity.grouping.cannot_link import CannotLinkRules
from jobs.identity.grouping.growing import BRIDGE as BRIDGE
from jobs.identity.grouping.growing import CONTRADICTION as CONTRADICTION
from jobs.identity.grouping.growing import SIZE as SIZE
from jobs.identity.grouping.growing import TORN as TORN
from jobs.identity.grouping.growing import WEAK as WEAK
from jobs.identity.grouping.growing import Groups as Groups
from jobs.identity.grouping.side_by_side import CANDIDATE_COLUMNS, Edges
from jobs.identity.settings.identity import Clustering, Settings

PAIR, SAME, NEVER, CERTAIN = "pair", "same", "never", "certain"
ENDS = ["account_id_left", "account_id_right"]


@dataclass(frozen=True)
class Grouped:
    """What came out.

    labels: account_id, cluster (the smallest account_id in it).
    review_candidates: account_id_left, account_id_right, doubt (why a pair did not join, or hardly did), weight (bits).
    """

    labels: pd.DataFrame
    review_candidates: pd.DataFrame


@dataclass(frozen=True)
class TypedEdges:
    """What holds accounts together or apart, in numbers.

    edge_type: PAIR, SAME, NEVER or CERTAIN of each; start_groups: per account the group that it starts in, None: free.
    """

    edges: Edges
    edge_type: NDArray[np.str_]
    start_groups: NDArray[np.object_]

    def of(self, chosen: NDArray[np.bool_]) -> "TypedEdges":
        """Some of them."""
        return TypedEdges(self.edges.of(chosen), self.edge_type[chosen], self.start_groups)


def grouped(edges: pd.DataFrame, facts: pd.DataFrame, conf: Settings) -> Grouped:
    """Group the accounts of the edges, and those that are held.

    Args:
        edges: account_id_left, account_id_right, match_weight (bits), edge_type (pair, same, never or certain).
        facts: account_id, channel, held_id (last night's customer of an account that is held, else NULL) and the
            fields that cannot-link rules name.
    """
    held = pa.array(facts.loc[facts["held_id"].notna(), "account_id"], pa.string())
    numbers, ends = numbered(pa.table({end: pa.array(edges[end], pa.string()) for end in ENDS}), held)
    accounts = numbers.to_numpy(zero_copy_only=False).astype(object)
    known = facts.set_index("account_id").reindex(accounts)
    numbered_edges = Edges(ends, edges["match_weight"].to_numpy(float))
    typed_edges = TypedEdges(numbered_edges, edges["edge_type"].to_numpy(str), known["held_id"].to_numpy(object))
    rules = CannotLinkRules(known.rename_axis("account_id").reset_index(), accounts, conf.evidence)
    first, review_candidates = of_typed_edges(typed_edges, rules, conf.clustering, conf.guards.review_joins_below_bits)
    named = {
        end: accounts[review_candidates[name].to_numpy(np.int64)]
        for end, name in zip(ENDS, CANDIDATE_COLUMNS, strict=False)
    }
    labels = pd.DataFrame({"account_id": accounts, "cluster": accounts[first]})
    return Grouped(labels, review_candidates.assign(**named)[[*ENDS, "doubt", "weight"]])


def numbered(pairs: pa.Table, alone: pa.Array | None = None) -> tuple[pa.Array, NDArray[np.int64]]:
    """The accounts in order, and the two ends of each pair as their numbers.

    Args:
        alone: accounts that need not be in a pair.
    """
    more = [] if alone is None else [alone]
    ends = pa.chunked_array([*pairs[ENDS[0]].chunks, *pairs[ENDS[1]].chunks, *more], pa.string()).dictionary_encode()
    ends = ends.combine_chunks() if ends.num_chunks else pa.array([], pa.string()).dictionary_encode()
    order = pc.array_sort_indices(ends.dictionary).to_numpy()
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    codes = rank[ends.indices.to_numpy(zero_copy_only=False).astype(np.int64)]
    return ends.dictionary.take(pa.array(order)), codes[: 2 * pairs.num_rows].reshape(2, -1).T


def of_typed_edges(
    typed_edges: TypedEdges, rules: CannotLinkRules, bounds: Clustering, weak_bits: float
) -> tuple[NDArray[np.int64], pd.DataFrame]:
    """The smallest account of each account's group, and what is to be reviewed: one, other, doubt, weight.

    Args:
        weak_bits: groups that a join of less than this holds together are to be reviewed.
    """
    component, is_uncertain, is_small = _components(typed_edges, rules, bounds, weak_bits)
    first = np.unique(component, return_index=True)[1].astype(np.int64)[component]
    left, right = component[typed_edges.edges.ends].T
    review_candidates = [pd.DataFrame(columns=CANDIDATE_COLUMNS)]
    for chosen, grown in ((is_uncertain & is_small, _side_by_side), (is_uncertain & ~is_small, _one_at_a_time)):
        nodes = np.flatnonzero(chosen[component])
        if len(nodes):
            part = typed_edges.of((left == right) & chosen[left])
            first[nodes], candidates = grown(nodes, component[nodes], part, rules, bounds, weak_bits)
            review_candidates.append(candidates)
    rows = pd.concat([frame for frame in review_candidates if len(frame)] or review_candidates, ignore_index=True)
    return first, rows.sort_values(CANDIDATE_COLUMNS, ignore_index=True)


def _components(
    typed_edges: TypedEdges, rules: CannotLinkRules, bounds: Clustering, weak_bits: float
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Component of each account; for each component whether it must be grown, and whether arrays can do that.

    A component whose accounts all have strong pairs with each other comes out whole in whatever order they are taken.
    Decisions, certain keys, facts that differ, held accounts and weak pairs make it uncertain, and so does its size.
    Decisions, certain keys and held accounts are for one at a time, however many accounts the component has.
    """
    ends, weight, edge_type = typed_edges.edges.ends, typed_edges.edges.weight, typed_edges.edge_type
    strong = (edge_type == PAIR) & (weight >= bounds.join_weight_bits)
    joins = strong | (edge_type == SAME) | (edge_type == CERTAIN)
    joined = np.concatenate([ends[joins], _held_together(typed_edges.start_groups)])
    component = component_labels(joined[:, 0], joined[:, 1], len(typed_edges.start_groups))
    size = np.bincount(component, minlength=1)
    is_decided = np.zeros(len(size), dtype=bool)
    is_decided[component[ends[edge_type != PAIR].ravel()]] = True
    is_decided[component[pd.notna(typed_edges.start_groups)]] = True
    by_hand = is_decided | (size > min(bounds.largest_cluster, side_by_side.WIDTHS[-1]))
    uncertain = np.bincount(component[ends[strong, 0]], minlength=len(size)) < size * (size - 1) // 2
    uncertain |= is_decided | (size > bounds.largest_cluster)
    uncertain[component[ends[strong & (weight < weak_bits)].ravel()]] = True
    for codes in rules.codes:
        known = np.unique(np.stack([component, codes])[:, codes >= 0], axis=1)[0]
        uncertain |= np.bincount(known, minlength=len(size)) > 1
    return component, uncertain, ~by_hand


def _held_together(start_groups: NDArray[np.object_]) -> NDArray[np.int64]:
    """Pairs of accounts that start in one group: each with the one before it."""
    nodes = np.flatnonzero(pd.notna(start_groups))
    groups = np.unique(start_groups[nodes].astype(str), return_inverse=True)[1].ravel()
    nodes = nodes[np.argsort(groups, kind="stable")]
    is_one = np.diff(np.sort(groups)) == 0
    return np.stack([nodes[:-1][is_one], nodes[1:][is_one]], axis=1).astype(np.int64)


def _side_by_side(
    nodes: NDArray[np.int64],
    component: NDArray[np.int64],
    typed_edges: TypedEdges,
    rules: CannotLinkRules,
    bounds: Clustering,
    weak_bits: float,
) -> tuple[NDArray[np.int64], pd.DataFrame]:
    return side_by_side.grow(nodes, component, typed_edges.edges, rules, bounds, weak_bits)


def _one_at_a_time(
    nodes: NDArray[np.int64],
    _component: NDArray[np.int64],
    typed_edges: TypedEdges,
    rules: CannotLinkRules,
    bounds: Clustering,
    weak_bits: float,
) -> tuple[NDArray[np.int64], pd.DataFrame]:
    """Decisions first, then weights, then keys that are certain."""
    groups = Groups(nodes, bounds, rules, weak_bits)
    ends = np.searchsorted(nodes, typed_edges.edges.ends)
    for kind, decide in ((SAME, groups.must_link), (NEVER, groups.cannot_link)):
        for a, b in ends[typed_edges.edge_type == kind].tolist():
            decide(a, b)
    held = (typed_edges.edge_type == PAIR) | (typed_edges.edge_type == CERTAIN)
    groups.grow(ends[held], typed_edges.edges.weight[held], typed_edges.start_groups[nodes])
    for a, b in np.unique(ends[typed_edges.edge_type == CERTAIN], axis=0).tolist():
        groups.forced_link(a, b)
    candidates = pd.DataFrame(groups.review_candidates(), columns=CANDIDATE_COLUMNS)
    named = {name: nodes[candidates[name].to_numpy(np.int64)] for name in CANDIDATE_COLUMNS[:2]}
    return nodes[groups.smallest()], candidates.assign(**named)


def component_labels(left: NDArray[np.int64], right: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Connected components as numbers, one per node."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    edges = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(count, count))
    labels: NDArray[np.int64] = connected_components(edges, directed=False)[1].astype(np.int64)
    return labels
