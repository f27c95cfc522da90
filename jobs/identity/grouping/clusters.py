"""Connected components, in memory or by Spark, and groups of accounts inside them; see groups.py for how those grow."""

import numpy as np
import pandas as pd
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.identity.grouping.cannot_link import CannotLinkRules
from jobs.identity.grouping.groups import ENDS, NEVER, PAIR, Groups, component_labels, grouped
from jobs.identity.settings.identity import Clustering, Evidence, Settings

LABELS = "account_id STRING, cluster STRING, other STRING, doubt STRING, weight DOUBLE"
ROUNDS = 60  # large-star and small-star need about log(n) rounds


def of_pairs(pairs: pd.DataFrame, conf: Clustering) -> pd.DataFrame:
    """Groups among the accounts of the pairs, by their weights alone.

    Args:
        pairs: account_id_left, account_id_right, match_weight (bits).

    Returns:
        account_id, cluster (the smallest account_id in it); accounts of no group are their own.
    """
    accounts, codes = np.unique(pairs[ENDS].to_numpy(str), return_inverse=True)
    no_rules = CannotLinkRules(
        pd.DataFrame({"account_id": [], "channel": [], "held_id": []}),
        accounts,
        Evidence(keys={}, vetoes={}, exclusive_channels=()),
    )
    groups = Groups(np.arange(len(accounts)), conf, no_rules, conf.join_weight_bits)
    groups.grow(codes.reshape(-1, 2), pairs["match_weight"].to_numpy(float))
    return pd.DataFrame({"account_id": accounts, "cluster": accounts[groups.smallest()] if len(accounts) else accounts})


def of_many_edges(edges: DataFrame, facts: DataFrame, conf: Settings) -> DataFrame:
    """`groups.grouped` without the driver: components by Spark, then each component by itself.

    Returns:
        account_id, cluster of every account (doubt is NULL), and review candidates: account_id, other, doubt, weight.
    """
    joins = (F.col("edge_type") == PAIR) & (F.col("match_weight") < conf.clustering.join_weight_bits)
    joining = edges.where(~joins & (F.col("edge_type") != NEVER)).select(*ENDS)
    labels = components(joining.unionByName(_held_together(facts))).localCheckpoint()
    left = labels.select(F.col("account_id").alias("account_id_left"), "component")
    right = labels.select(F.col("account_id").alias("account_id_right"), F.col("component").alias("right_component"))
    inside = edges.join(left, "account_id_left").join(right, "account_id_right").where("component = right_component")
    by_component = inside.select("component", *ENDS, "match_weight", "edge_type").groupBy("component")
    known = facts.join(labels.toDF("account_id", "known_component"), "account_id").groupBy("known_component")
    return by_component.cogroup(known).applyInPandas(
        lambda part, facts_of_part: as_rows(*_of_component(part, facts_of_part, conf)), LABELS
    )


def _held_together(facts: DataFrame) -> DataFrame:
    """Pairs of accounts that start in one group: each with the smallest of them."""
    held = facts.where("held_id IS NOT NULL")
    first = held.groupBy("held_id").agg(F.min("account_id").alias(ENDS[0]))
    return (
        held.join(first, "held_id").select(ENDS[0], F.col("account_id").alias(ENDS[1])).where(f"{ENDS[0]} <> {ENDS[1]}")
    )


def _of_component(part: pd.DataFrame, known: pd.DataFrame, conf: Settings) -> tuple[pd.DataFrame, pd.DataFrame]:
    grouping = grouped(part, known, conf)
    return grouping.labels, grouping.review_candidates


def as_rows(labels: pd.DataFrame, review_candidates: pd.DataFrame) -> pd.DataFrame:
    """Labels and review candidates in one table, as LABELS says."""
    renamed = review_candidates.rename(columns={"account_id_left": "account_id", "account_id_right": "other"})
    rows = pd.concat([labels, renamed.astype({"weight": float})]).reindex(
        columns=["account_id", "cluster", "other", "doubt", "weight"]
    )
    return rows.astype(object).where(rows.notna(), None).astype({"weight": float})


def components_in_memory(pairs: pa.Table) -> pa.Table:
    """`components` of collected pairs: the same answer."""
    accounts, codes = np.unique(
        np.concatenate([pairs[name].to_numpy(zero_copy_only=False).astype(str) for name in ENDS]), return_inverse=True
    )
    left, right = codes[: pairs.num_rows], codes[pairs.num_rows :]
    labels = component_labels(left, right, len(accounts))
    # accounts are in order, so the first of each component is its smallest
    first = np.unique(labels, return_index=True)[1] if len(accounts) else labels
    smallest = accounts[first][labels] if len(accounts) else accounts
    return pa.table({"account_id": pa.array(accounts, pa.string()), "component": pa.array(smallest, pa.string())})


def components(pairs: DataFrame) -> DataFrame:
    """Connected components by large-star and small-star rounds.

    Args:
        pairs: account_id_left, account_id_right.

    Returns:
        account_id, component (the smallest account_id of the component).
    Source: Kiveris et al., Connected Components in MapReduce and Beyond (SoCC 2014).
    """
    edges = pairs.select(F.col("account_id_left").alias("u"), F.col("account_id_right").alias("v")).where("u <> v")
    edges = edges.distinct().localCheckpoint()
    before = -1
    for _ in range(ROUNDS):
        stars = _star(_star(edges, large=True), large=False).localCheckpoint()
        now = stars.agg(F.sum(F.xxhash64("u", "v") % 1000003)).first()[0]  # type: ignore[index]
        edges = stars
        if now == before:
            break
        before = now
    leaves = edges.select(F.col("v").alias("account_id"), F.col("u").alias("component"))
    return leaves.unionByName(leaves.select(F.col("component").alias("account_id"), "component")).distinct()


def _star(edges: DataFrame, large: bool) -> DataFrame:
    """One round: each node hands its larger (large) or smaller (small) neighbours to its smallest neighbour."""
    both = edges.select("u", "v")
    if large:
        both = both.unionByName(edges.select(F.col("v").alias("u"), F.col("u").alias("v")))
    else:
        both = both.select(F.greatest("u", "v").alias("u"), F.least("u", "v").alias("v"))
    near = both.groupBy("u").agg(F.min("v").alias("least"))
    near = near.withColumn("least", F.least("u", "least"))
    spread = both.join(near, "u")
    if large:
        made = spread.where("v > u").select(F.col("least").alias("u"), "v")
    else:
        own = near.select(F.col("least").alias("u"), F.col("u").alias("v"))
        made = spread.select(F.col("least").alias("u"), "v").unionByName(own)
    return made.where("u <> v").distinct()
