"""The life of a model, from its YAML: train, hold against the champion, record, promote or keep as challenger."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import pyarrow as pa

from lakehouse.modelling import comparison as comparing
from lakehouse.modelling import record, scorer, spec, training
from lakehouse.modelling import table as table_of
from lakehouse.modelling.comparison import Comparison
from lakehouse.modelling.named import model_of as model_of
from lakehouse.modelling.named import models_of as models_of
from lakehouse.modelling.store import COMPARED, HELD_OUT, Store
from lakehouse.modelling.table import Table
from lakehouse.modelling.training import Trained
from lakehouse.modelling.untrainable import LeakError as LeakError
from lakehouse.modelling.untrainable import UntrainableError as UntrainableError


@dataclass(frozen=True)
class Outcome:
    """A training, its version in MLflow, and whether it serves."""

    trained: Trained
    comparison: Comparison
    version: str

    @property
    def is_champion(self) -> bool:
        """Whether the alias moved."""
        return self.comparison.is_better


def examples_of(model: spec.Model, rows: pa.Table, versions: Mapping[str, int]) -> Table:
    """Rows of the lake as examples, with the versions of the tables that they are of."""
    made = table_of.of_arrow(model, rows)
    made.versions = {name: str(version) for name, version in versions.items()}
    return made


def trained_and_judged(
    store: Store, model: spec.Model, table: Table, serves_from: date | None = None, code_hash: str = ""
) -> Outcome:
    """Train on a table, and let the better one serve; an approval may be asked for in the YAML.

    Raises:
        LakehouseError: the data forbid a training, or the champion's files are not as they were signed.
    """
    trained = training.train(model, table)
    present = store.serving(model.model, serves_from or date.max, model.label.horizon_days)
    rival = scorer.load(present.folder) if present is not None else None
    if rival is not None and (now_forbidden := looks_at_forbidden(model, rival)):
        trained.notes.append(f"the champion looks at what is forbidden now and is no rival: {', '.join(now_forbidden)}")
        rival = None
    found = comparing.compared(trained, rival)
    version = record.recorded(store, trained, found, code_hash)
    if found.is_better and not model.gates.needs_approval:
        store.promote(model.model, version, found.reason, serves_from)
    else:
        why = found.reason if not found.is_better else f"{found.reason}; a person has to promote it (needs_approval)"
        store.challenge(model.model, version, why)
        found = replace(found, is_better=False, reason=why)
        if present is not None and model.examples.as_of:
            newest = record.tags(trained, found)[HELD_OUT]
            store.models.tag(model.model, present.number, COMPARED, newest)
    return Outcome(trained, found, version)


def looks_at_forbidden(model: spec.Model, rival: scorer.Scorer) -> list[str]:
    """Columns of a champion that the YAML of now forbids: a leak that was found, a purpose that was withdrawn."""
    return [name for name in rival.preparation.names if name in model.forbidden]
