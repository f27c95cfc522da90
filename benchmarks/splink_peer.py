"""Plain Splink as its documentation shows it: library comparisons, block_on rules, its training, its best threshold.

It gets the same cleaned records as our engine, and it alone is helped by the truth: the threshold with the best F1 is
picked for it.
"""

import logging
import time
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from splink import Linker, SettingsCreator, block_on
from splink import comparison_library as cl
from splink.internals.exceptions import EMTrainingException

from jobs.identity.grouping.groups import component_labels
from jobs.identity.matching.semantic_types import Field
from jobs.identity.record_sets.evaluate import report

WEIGHTS = range(-9, 61)  # bits; probabilities beyond 30 of them are 1 to the last digit, and the best may lie there
SPLINK_ENDS = ("account_id_l", "account_id_r")
FEW_WEIGHTS = range(-8, 61, 2)
MOST_SHARE = 1e-3  # of all pairs of a small set, that one rule may make
MOST_PAIRS_PER_RECORD = 4  # of a large set
KEYS = {
    "given_name",
    "family_name",
    "birth_date",
    "postcode",
    "city",
    "address",
    "street_number",
    "email",
    "phone",
    "national_id",
    "company",
    "free_text",
    "number",
}
PAIRS = [
    ("family_name", "birth_date"),
    ("given_name", "birth_date"),
    ("given_name", "family_name"),
    ("birth_date", "postcode"),
    ("family_name", "postcode"),
    ("given_name", "postcode"),
    ("address", "street_number"),
    ("company", "city"),
    ("free_text", "number"),
    ("company", "address"),
]


def comparison(field: Field, engine: str = "duckdb") -> Any:
    """The library's comparison for a kind of field; each engine writes dates in a way of its own."""
    name = field.name
    if field.type in ("given_name", "family_name"):
        return cl.NameComparison(name)
    if field.type == "birth_date":
        written = "yyyyMMdd" if engine == "spark" else "%Y%m%d"
        return cl.DateOfBirthComparison(name, input_is_string=True, datetime_format=written)
    if field.type in ("postcode", "street_number", "phone", "national_id"):
        return cl.LevenshteinAtThresholds(name, [1, 2]).configure(
            term_frequency_adjustments=field.type != "street_number"
        )
    if field.type == "email":
        return cl.EmailComparison(name)
    if field.type in ("region", "category", "number"):
        return cl.ExactMatch(name)
    return cl.JaroWinklerAtThresholds(name, [0.9, 0.7]).configure(term_frequency_adjustments=True)


def rules(
    fields: Sequence[Field], most_block_pairs: float, shares: dict[str, float], every_pair: bool = False
) -> list[tuple[str, ...]]:
    """block_on rules: strong fields alone, the usual pairs of fields; those that explode are left out.

    Args:
        shares: per field, the chance that two random records agree.
        every_pair: all pairs of fields, which a small set can pay for.
    """
    of = {kind: [f.name for f in fields if f.type == kind] for kind in KEYS}
    alone = [(name,) for kind in ("email", "phone", "national_id", "company", "free_text") for name in of[kind]]
    both = [(a, b) for x, y in PAIRS for a in of[x] for b in of[y]]
    if every_pair:
        both = list(combinations([f.name for f in fields if f.type in KEYS], 2))
    return [rule for rule in [*alone, *both] if np.prod([shares[name] for name in rule]) < most_block_pairs]


def link(
    api: Any, table: Any, fields: Sequence[Field], chosen: Sequence[tuple[str, ...]], link_type: str = "dedupe_only"
) -> tuple[Any, float]:
    """Train, predict and cluster once; the scored pairs, and seconds."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    started = time.monotonic()
    settings = SettingsCreator(
        link_type=link_type,
        unique_id_column_name="account_id",
        comparisons=[comparison(f, api.sql_dialect.sql_dialect_str) for f in fields],
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in chosen],
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )
    linker = Linker(table, settings, log_level=None)
    train = linker.training
    train.estimate_probability_two_random_records_match(
        [block_on(*rule) for rule in chosen if len(rule) > 1], recall=0.7
    )
    train.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in _training_rules(chosen):
        try:
            train.estimate_parameters_using_expectation_maximisation(
                block_on(*rule), estimate_without_term_frequencies=True, max_pairs=1e6
            )
        except (EMTrainingException, ValueError):  # no pairs agree on it, or a share of them fell to nothing
            continue
    scored = linker.inference.predict(threshold_match_probability=0.001)
    linker.clustering.cluster_pairwise_predictions_at_threshold(scored, threshold_match_probability=0.9)
    return scored, time.monotonic() - started


def _training_rules(chosen: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Up to three rules whose fields do not overlap all in one, so that every comparison is trained."""
    pairs = [rule for rule in chosen if len(rule) > 1] or list(chosen)
    rules_ = [pairs[0]]
    for rule in pairs:
        if len(rules_) < 3 and not set(rule) & set(rules_[0]):
            rules_.append(rule)
    return rules_ if len(rules_) > 1 else [*rules_, *[r for r in chosen if r != rules_[0]][:2]]


def best(scored: Any, truth: pd.DataFrame, across: bool, weights: Iterable[float] = WEIGHTS) -> tuple[Any, float]:
    """The report with the best F1 over thresholds, and the threshold (match weight, bits).

    Splink's clusters are the connected components of its pairs from a threshold on; here they are found in memory,
    since nothing of this is timed.

    Args:
        truth: account_id, person_id (and channel).
        across: only pairs of two channels count.
    """
    pairs = scored.as_pandas_dataframe()
    ids = [truth["account_id"].to_numpy(str), *(pairs[name].to_numpy(str) for name in SPLINK_ENDS)]
    codes, every = pd.factorize(np.concatenate(ids))
    left, right = codes[len(truth) :].reshape(2, -1)
    numbered = truth.assign(person_id=pd.factorize(truth["person_id"])[0])
    reports = []
    for threshold in weights:
        kept = pairs["match_weight"].to_numpy() >= threshold
        labels = component_labels(left[kept], right[kept], len(every))
        reports.append((report(numbered.assign(customer_id=labels[codes[: len(truth)]]), across), threshold))
    return max(reports, key=lambda one: one[0].f1)
