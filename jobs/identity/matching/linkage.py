"""Linkage of the customers' accounts: the linker with the fields and bounds of conf/identity.yaml.

The engine has the table `cleaned` (from cleaning.records), and `changed` where not all are compared; see linker.py.
"""

from typing import Any

from jobs.identity.cleaners.record_fields import PARTS
from jobs.identity.matching.comparisons import THRESHOLD
from jobs.identity.matching.engines import Engine
from jobs.identity.matching.exact_duplicates import Duplicates
from jobs.identity.matching.linker import Linker, Scored
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


def prepare(engine: Engine, conf: Settings) -> None:
    """Make `numbered`, `sources` and `tokens`: the usable accounts as a linker takes them."""
    Linker(engine, plan_of(conf)).prepare()


def trained_model(engine: Engine, conf: Settings) -> Model:
    """The model as a document: Splink settings with parameters learned from the engine's records, and the plan."""
    plan = plan_of(conf)
    linker = Linker(engine, plan)
    model = {**linker.learn(), PLAN: plan.as_document()}
    linker.forget()
    return model


def score(
    engine: Engine, model: Model, keep_weight_bits: float, only_new: bool, duplicates: Duplicates | None = None
) -> Scored:
    """Pairs with match_weight (bits) of at least `keep_weight_bits`.

    Args:
        only_new: compare the accounts of the engine's table `changed` with all, instead of all with all.
        duplicates: those of them that are compared with few only, see exact_duplicates.py.
    """
    linker = Linker(engine, Plan.of_document(model[PLAN]))
    return linker.score(model, keep_weight_bits, only_new, duplicates=duplicates)
