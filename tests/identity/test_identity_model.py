"""What a match model says of itself, and whether another may take its place."""

import copy
import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from jobs.identity import customer_identity, registered_models
from jobs.identity.matching.engines import DuckDBEngine
from jobs.identity.registry.identity_model import expected, fault, levels, model_hash
from jobs.identity.registry.identity_pyfunc import weights
from jobs.identity.registry.model_agreement import Agreement, Settings, by_weight, compared

MODEL = {
    "probability_two_random_records_match": 0.001,
    "comparisons": [
        {
            "output_column_name": name,
            "comparison_levels": [
                {"sql_condition": f"{name}_l is null", "is_null_level": True},
                {
                    "sql_condition": f"{name}_l = {name}_r",
                    "label_for_charts": "same",
                    "m_probability": m,
                    "u_probability": u,
                },
                {
                    "sql_condition": "ELSE",
                    "m_probability": 1 - m,
                    "u_probability": 1 - u,
                    "label_for_charts": "differs",
                },
            ],
        }
        for name, m, u in (("family", 0.9, 0.01), ("birth", 0.95, 0.001))
    ],
}


def changed(**level) -> dict:
    model = copy.deepcopy(MODEL)
    model["comparisons"][0]["comparison_levels"][1] |= level
    return model


def test_a_trained_model_has_no_fault():
    assert fault(MODEL) == ""
    assert [level.label for level in levels(MODEL)] == ["same", "differs"] * 2


@pytest.mark.parametrize(
    "model",
    [
        {},
        changed(m_probability=math.nan),
        changed(u_probability=0.0),
        {**MODEL, "probability_two_random_records_match": 0.9},
        {**MODEL, "probability_two_random_records_match": math.nan},
        {
            **MODEL,
            "comparisons": [
                {
                    "output_column_name": "x",
                    "comparison_levels": [{"sql_condition": "ELSE", "m_probability": 0.5, "u_probability": 0.4}],
                }
            ],
        },
    ],
)
def test_a_training_that_did_not_converge_is_a_fault(model):
    assert fault(model)


def test_equal_parameters_have_one_name():
    assert model_hash(MODEL) == model_hash(copy.deepcopy(MODEL)) != model_hash(changed(m_probability=0.8))


def test_match_probabilities_promise_precision_and_recall():
    rows = pa.table({"bits": [-2, 0, 5], "pairs": [10, 4, 6], "matches": [2.0, 3.0, 5.5]})

    actual = expected(rows, {"probability_two_random_records_match": 17 / 190}, record_count=20, joins_from_bits=0)

    assert (actual.pairs_kept, actual.pairs_joined) == (20, 10)
    assert actual.precision == pytest.approx(0.85)
    assert actual.matches == pytest.approx(17)
    assert actual.recall == pytest.approx(0.5)


def test_the_served_model_scores_levels_of_agreement_by_hand():
    pairs = pd.DataFrame({"gamma_family": [1, 0, -1], "gamma_birth": [1, 1, -1]})

    actual = weights(MODEL, pairs)["match_weight"].to_numpy()

    prior, birth = math.log2(0.001 / 0.999), math.log2(0.95 / 0.001)
    by_hand = [prior + math.log2(0.9 / 0.01) + birth, prior + math.log2(0.1 / 0.99) + birth, prior]
    np.testing.assert_allclose(actual, by_hand)


@pytest.fixture
def engine():
    engine = DuckDBEngine(None)  # type: ignore[arg-type]
    yield engine
    engine.close()


def pairs_of(**weights_of) -> pa.Table:
    names = sorted(weights_of)
    return pa.table(
        {
            "account_id_left": [n[0] for n in names],
            "account_id_right": [n[1] for n in names],
            "match_weight": [float(weights_of[n]) for n in names],
            "match_probability": [0.5 for _ in names],
        }
    )


def test_models_agree_on_pairs_that_either_kept_and_on_stewards_labels(engine):
    challenger = engine.table_of("challenger", pairs_of(ab=9, bc=-1, cd=4))
    in_force = engine.table_of("in_force", pairs_of(ab=3, bc=5, ef=-2))
    labels = engine.table_of(
        "labels",
        pa.table(
            {
                "account_id_left": ["a", "b", "x"],
                "account_id_right": ["b", "c", "y"],
                "decision": ["same", "never", "same"],
            }
        ),
    )

    actual = compared(engine, challenger, in_force, labels, 0.0)

    # ab and ef alike; bc and cd not. Labels: the challenger has ab and bc right, the champion ab alone
    assert actual == Agreement(pairs=4, alike=2, labels=3, labels_right=2, labels_right_before=1)
    assert engine.fetch(by_weight(in_force)).to_pylist()[0] == {"bits": -2, "pairs": 1, "matches": 0.5}


@pytest.mark.parametrize(
    ("agreement", "refused"),
    [
        (Agreement(100, 99, 0, 0, 0), ""),
        (Agreement(100, 90, 0, 0, 0), "90.00% of 100 pairs"),
        (Agreement(0, 0, 0, 0, 0), ""),
        (Agreement(100, 100, 50, 40, 45), "40 of 50 steward decisions"),
        (Agreement(100, 100, 50, 45, 45), ""),
        (Agreement(100, 100, 10, 4, 8), ""),  # too few labels to say anything
    ],
)
def test_a_model_is_refused_for_what_it_decides_otherwise(agreement, refused):
    refusal = agreement.refusal(Settings(least_agreement=0.98, label_tolerance=0.0, least_labels=20))

    assert refused in refusal
    assert bool(refused) == bool(refusal)


def test_what_a_night_takes_a_model_of_is_named_alike_by_the_training(lake):
    from lakehouse.runs import graph, job_parts

    (job,) = graph.select(("identity.customer_map",))

    named = job_parts.fingerprint(job, lake.conf, lake.contracts).learned
    assert customer_identity.night_hash(lake) == named
    assert named.startswith("m")
    assert registered_models.READS == ("identity.linkage_models",)  # or every night would look into MLflow
