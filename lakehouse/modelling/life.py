"""The life of a model, from its YAML: train, hold against the champion, record, promote or keep as challenger."""

from dataclasses import dataclass
from datetime import date

from lakehouse.config.documents import Document
from lakehouse.config.layers import Conf
from lakehouse.errors import LakehouseError
from lakehouse.modelling import comparison as comparing
from lakehouse.modelling import record, scorer, spec, training
from lakehouse.modelling.comparison import Comparison
from lakehouse.modelling.store import COMPARED, HELD_OUT, Store
from lakehouse.modelling.table import Table
from lakehouse.modelling.training import Trained

FOLDER = "models"


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


def models_of(conf: Conf) -> list[str]:
    """The names of all models in conf."""
    return sorted({path.stem for path in conf.files(f"{FOLDER}/*.yaml")})


def model_of(conf: Conf, name: str) -> spec.Model:
    """A model by its name.

    Raises:
        ConfigError: there is no such file, or it is not right.
    """
    model = conf.settings(f"{FOLDER}/{name}", spec.Model)
    if model.model != name:
        document: Document = conf.document(f"{FOLDER}/{name}")
        raise LakehouseError(
            f"model '{model.model}' stands in a file of another name",
            document.where(("model",)),
            f"name the file {model.model}.yaml",
        )
    return model


def trained_and_judged(
    store: Store, model: spec.Model, table: Table, serves_from: date | None = None, code_hash: str = ""
) -> Outcome:
    """Train on a table, and let the better one serve; an approval may be asked for in the YAML.

    Raises:
        LakehouseError: the data forbid a training, or the champion's files are not as they were signed.
    """
    trained = training.train(model, table)
    present = store.champion(model.model)
    rival = None
    if present is not None and present.serves(serves_from or date.max, model.label.horizon_days):
        rival = scorer.load(present.folder)
    found = comparing.compared(trained, rival)
    version = record.recorded(store, trained, found, code_hash)
    if found.is_better and not model.gates.needs_approval:
        store.promote(model.model, version, found.reason, serves_from)
    else:
        why = found.reason if not found.is_better else f"{found.reason}; a person has to promote it (needs_approval)"
        store.challenge(model.model, version, why)
        found = Comparison(**{**vars(found), "is_better": False, "reason": why})
        if present is not None and model.examples.as_of:
            newest = record.tags(trained, found)[HELD_OUT]
            store.models.tag(model.model, present.number, COMPARED, newest)
    return Outcome(trained, found, version)
