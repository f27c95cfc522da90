"""The match model, written as Splink settings: comparisons with their parameters, and the priors of pairs of channels.

The document is the model: Splink can load it and draws its charts; our own queries score pairs by it (patterns.py).
"""

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from jobs.identity.matching.blocking import Rule
from jobs.identity.matching.semantic_types import LOW_FREQUENCY, TYPES, Field
from jobs.identity.matching.training import Cohort, Floats, Parameters
from lakehouse.sql.literal import listed, literal

CHANNELS = "concat(least(channel_l, channel_r), '|', greatest(channel_l, channel_r))"
CHANNELS_NAME = "channels"
RULES = "blocking_keys"
COHORTS = "cohorts"
THRESHOLD = "expected"
OURS = (RULES, COHORTS, THRESHOLD, "plan")  # beside Splink's own settings
OWN = ("given_name", "birth_date", "email", "national_id", "company", "free_text")
SHARERS = ("home", "town", "family")
Model = dict[str, Any]


def comparisons(fields: Sequence[Field]) -> list[dict[str, Any]]:
    """One comparison per field; the first level is null, the second is equality, the last is everything else."""
    made = []
    for field in fields:
        levels = [dict(level) for level in TYPES[field.type].levels(field)]
        if TYPES[field.type].by_frequency:
            levels[1] |= {
                "tf_adjustment_column": field.name,
                "tf_adjustment_weight": 1.0,
                "tf_minimum_u_value": LOW_FREQUENCY,
            }
        made.append({"output_column_name": field.name, "comparison_levels": levels})
    return made


def with_parameters(
    fields: Sequence[Field],
    parameters: Parameters,
    names: list[str],
    possible: Floats,
    rules: Sequence[Rule],
    cohorts: Sequence[Cohort] = (),
) -> Model:
    """The model: m and u in each level; the priors of pairs of channels are one more comparison."""
    model: Model = {
        "link_type": "dedupe_only",
        "unique_id_column_name": "account_id",
        "comparisons": comparisons(fields),
        "blocking_rules_to_generate_predictions": ["1 = 1"],  # the pairs are ours
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
        "additional_columns_to_retain": ["channel"],
        "probability_two_random_records_match": float(parameters.matches.sum() / possible.sum()),
        RULES: [list(rule) for rule in rules],
        COHORTS: _cohorts(fields, parameters, cohorts),
    }
    for comparison, m, u in zip(model["comparisons"], parameters.m, parameters.u, strict=True):
        known = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        for level, m_share, u_share in zip(known, m[::-1], u[::-1], strict=True):
            level |= {"m_probability": float(m_share), "u_probability": float(u_share)}
    shares = parameters.matches / parameters.matches.sum(), possible / possible.sum()
    model["comparisons"].append(_channel_pairs(*shares, names))
    return model


def _cohorts(fields: Sequence[Field], parameters: Parameters, cohorts: Sequence[Cohort]) -> list[dict[str, Any]]:
    """Per cohort its log2 odds and, per field, bits by level ("differs" first), rarity still to be taken off."""
    made = []
    for cohort, shares, prior in zip(cohorts, parameters.cohort_shares, parameters.cohort_bits.tolist(), strict=True):  # type: ignore[union-attr]
        bits = {}
        for column in cohort.columns:
            by_chance = parameters.u[column].copy()
            if TYPES[fields[column].type].by_frequency:
                by_chance[-1] = 1.0
            bits[fields[column].name] = np.log2(shares[column] / by_chance).tolist()
        made.append({"name": cohort.name, "prior_bits": prior, "bits": bits})
    return made


def cohorts(fields: Sequence[Field]) -> list[Cohort]:
    """Which neighbours records of these fields may have: people of one home, people of one town."""
    of = {kind: tuple(i for i, f in enumerate(fields) if TYPES[f.type].shared_by == kind) for kind in SHARERS}
    made = []
    # without a field of one's own, people of one home cannot be told from one person seen twice
    if of["home"] and any(TYPES[f.type].shared_by is None and f.type in OWN for f in fields):
        made.append(Cohort("home", tuple(sorted(of["home"] + of["town"])), of["family"]))
    if len(of["town"]) > 1:  # one field alone is no more than its own frequency says
        made.append(Cohort("town", of["town"]))
    return made


def cohorts_of(model: Model, fields: Sequence[Field]) -> list[Cohort]:
    """The neighbours that the model was trained with, whatever fields people of one home are thought to share today."""
    numbers = {f.name: i for i, f in enumerate(fields)}
    return [
        Cohort(cohort["name"], tuple(sorted(numbers[name] for name in cohort["bits"]))) for cohort in model[COHORTS]
    ]


def splink_settings(model: Model) -> Model:
    """The model as Splink takes it."""
    return {key: value for key, value in json.loads(json.dumps(model)).items() if key not in OURS}


def rules_of(model: Model) -> list[Rule]:
    """The blocking rules that the model was trained with."""
    return [tuple(rule) for rule in model[RULES]]


def of_fields(model: Model) -> list[dict[str, Any]]:
    """The comparisons of fields: without the priors of pairs of channels."""
    return [c for c in model["comparisons"] if c["output_column_name"] != CHANNELS_NAME]


def prior_bits(model: Model) -> float:
    """The log2 odds that two random records match."""
    prior = float(model["probability_two_random_records_match"])
    return math.log2(prior / (1 - prior))


def channel_bits(model: Model, one: str, other: str) -> float:
    """What the pair of channels adds to the prior, in bits."""
    name = literal("|".join(sorted((one, other))), "duckdb")
    (comparison,) = [c for c in model["comparisons"] if c["output_column_name"] == CHANNELS_NAME]
    for level in comparison["comparison_levels"]:
        if not level.get("is_null_level") and (level["sql_condition"] == "ELSE" or name in level["sql_condition"]):
            return math.log2(level["m_probability"] / level["u_probability"])
    return 0.0


def _channel_pairs(m: Floats, u: Floats, names: list[str]) -> dict[str, Any]:
    """Channel pairs of about the same prior (whole bits) share a level."""
    bits = np.round(np.log2(np.maximum(m, 1e-12) / u)).astype(int)
    unknown = {"sql_condition": "channel_l is null or channel_r is null", "label_for_charts": "not known"}
    levels: list[dict[str, Any]] = [{**unknown, "is_null_level": True}]
    for value in sorted(set(bits.tolist())):
        among = [name for name, bit in zip(names, bits, strict=True) if bit == value]
        chosen = bits == value
        levels.append(
            {
                "sql_condition": f"{CHANNELS} in ({listed(among, 'duckdb')})",
                "label_for_charts": ", ".join(among),
                "m_probability": float(max(m[chosen].sum(), 1e-12)),
                "u_probability": float(u[chosen].sum()),
            }
        )
    # a pair of channels that training has not seen is like the average
    even = {"m_probability": 0.01, "u_probability": 0.01}
    levels.append({"sql_condition": "ELSE", "label_for_charts": "new pair of channels", **even})
    return {"output_column_name": CHANNELS_NAME, "comparison_levels": levels}
