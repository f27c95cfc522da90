"""What a model's world looked like when it was judged: kept with its files, to hold later nights against it.

Beside each column's distribution stands how far it moves by itself: a tenure grows every month, a season comes and
goes. An alarm begins beyond that, not at a line that is the same for all.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lakehouse.modelling import metrics, movement

if TYPE_CHECKING:
    from lakehouse.modelling.training import Trained

Floats = NDArray[np.float64]
FILE = "reference.json"


@dataclass(frozen=True)
class Distribution:
    """Shares of a column between edges, missing values last.

    Attributes:
        usual: largest PSI between two as-of dates of the training, so far apart as a champion may be old.
    """

    edges: tuple[float, ...]
    shares: tuple[float, ...]
    usual: float = 0.0

    def psi(self, values: Floats) -> float:
        """Population stability index of other values of the column."""
        return metrics.psi_of_shares(np.array(self.shares), metrics.shares(values, np.array(self.edges)))


@dataclass(frozen=True)
class Reference:
    """The held-out examples, as figures.

    Attributes:
        as_of: of the newest examples that were judged; empty where the data have no time.
    """

    columns: dict[str, Distribution]
    score: Distribution
    rows: int
    rate: float
    auc: float
    auc_low: float
    as_of: str = ""
    facts: dict[str, float] = field(default_factory=dict)

    def save(self, folder: Path) -> None:
        """Write it among a model's files."""
        (folder / FILE).write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")


def load(folder: Path) -> Reference | None:
    """Read back what `save` wrote; None where the model has none."""
    if not (folder / FILE).exists():
        return None
    kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
    columns = {name: _distribution(one) for name, one in kept.pop("columns").items()}
    return Reference(columns=columns, score=_distribution(kept.pop("score")), **kept)


def _distribution(kept: dict[str, list[float]]) -> Distribution:
    return Distribution(tuple(kept["edges"]), tuple(kept["shares"]), float(kept["usual"]))  # type: ignore[arg-type]


def of_training(trained: "Trained") -> Reference:
    """The reference of a model that was just judged."""
    data, found = trained.data, trained.evaluation
    test, names = data.split.test, trained.scorer.preparation.names
    pairs = movement.pairs_of(data.moments, trained.model.label.horizon_days or 0)
    score = trained.scorer.score_rows(data.rows) if pairs else np.zeros(len(data.rows))
    columns = {
        name: distribution(data.rows[test, place], data.rows[:, place], data.moments, pairs)
        for place, name in enumerate(names)
    }
    is_binary = trained.scorer.is_binary
    return Reference(
        columns=columns,
        score=distribution(trained.answer, score, data.moments, pairs),
        rows=len(test),
        rate=float(data.label[test].mean()),
        auc=found.value("auc") if is_binary else float("nan"),
        auc_low=found.figures["auc"].low if is_binary else float("nan"),
        as_of=str(data.held_out.frame[trained.model.examples.as_of].max())[:10] if trained.model.examples.as_of else "",
    )


def distribution(
    held_out: Floats, values: Floats, moments: Floats, pairs: list[tuple[float, float]] | None = None
) -> Distribution:
    """A column's distribution, and how far it moves between moments."""
    at = metrics.edges(held_out)
    usual = movement.largest(values, moments, pairs or [])
    return Distribution(tuple(at.tolist()), tuple(metrics.shares(held_out, at).tolist()), usual)
