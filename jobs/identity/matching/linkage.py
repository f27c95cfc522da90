"""Linkage of the customers' accounts: the engine with the fields and bounds of conf/identity.yaml.

Tables of the lane: `cleaned` (from cleaning.records); `scored` comes out, see engine.py.
"""

from typing import Any

from jobs.identity.cleaners.record_fields import PARTS
from jobs.identity.matching.comparisons import THRESHOLD
from jobs.identity.matching.engine import Engine
from jobs.identity.matching.lanes import Lane
from jobs.identity.matching.plan import Plan
from jobs.identity.matching.semantic_types import Field, fields_of
from jobs.identity.settings.identity import Clustering, Settings

Model = dict[str, Any]
PLAN = "plan"  # of the model: what it was trained with is what it is used with


def plan_of(
    conf: Settings, fields: tuple[Field, ...] | None = None, parts: tuple[str, ...] = PARTS, across: bool = False
) -> Plan:
    """The plan that the configuration asks for, for the customers' fields or others."""
    blocking, training = conf.blocking, conf.training
    return Plan(
        fields=fields_of(conf.fields, parts) if fields is None else fields,
        parts=parts,
        rules=blocking.keys if fields is None else (),
        most_pairs_per_record=blocking.most_pairs_per_record,
        enough_pairs=blocking.enough_pairs,
        most_pairs_per_record_beyond=blocking.most_pairs_per_record_beyond,
        most_pairs_per_rule=blocking.most_pairs_per_rule,
        largest_block=blocking.largest_block,
        random_sample_records=training.random_sample_records,
        largest_sample_records=training.largest_sample_records,
        iterations=training.iterations,
        least_expected_precision=training.least_expected_precision,
        across=across,
    )


def clustering(conf: Clustering, model: Model) -> Clustering:
    """The rules of grouping with the threshold that the model chose for itself, where it asks for more than conf."""
    expected = model.get(THRESHOLD, {"join_weight_bits": conf.join_weight_bits})
    bits = max(conf.join_weight_bits, expected["join_weight_bits"])
    return conf.model_copy(update={"join_weight_bits": bits})  # learned: no limit of a file holds it


def prepare(lane: Lane, conf: Settings) -> None:
    """Make `records`: usable accounts, numbered, with the rarity of their values."""
    Engine(lane, plan_of(conf)).prepare()


def trained_model(lane: Lane, conf: Settings) -> Model:
    """The model as a document: Splink settings with parameters learned from the lane's records, and the plan."""
    plan = plan_of(conf)
    return {**Engine(lane, plan).learn(), PLAN: plan.as_document()}


def score(lane: Lane, model: Model, keep_weight_bits: float, only_new: bool, has_twins: bool = False) -> int:
    """Make `scored`: pairs with match_weight (bits) of at least `keep_weight_bits`; how many were compared.

    Args:
        only_new: compare the accounts of the lane's table `changed` with all, instead of all with all.
        has_twins: those of the lane's table `twins` with few only, see twins.py.
    """
    engine = Engine(lane, Plan.of_document(model[PLAN]))
    return engine.score(model, keep_weight_bits, only_new, has_twins=has_twins)
