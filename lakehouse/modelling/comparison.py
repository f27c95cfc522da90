"""Whether a challenger takes the champion's place: better by a paired test, calibrated, no slice worse."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lakehouse.modelling import evaluation, metrics
from lakehouse.modelling.evaluation import HeldOut
from lakehouse.modelling.scorer import Scorer
from lakehouse.modelling.training import Trained

Floats = NDArray[np.float64]
SIMULATED = 200


@dataclass(frozen=True)
class Comparison:
    """What was found, and what follows.

    Attributes:
        gain: AUC (or lower root mean squared error) over the champion on the same held-out subjects.
        sureness: share of the resamples in which the challenger is the better one; NaN without a champion.
    """

    is_better: bool
    reason: str
    gain: float = float("nan")
    sureness: float = float("nan")
    champion_figure: float = float("nan")
    worse_slices: tuple[str, ...] = ()
    is_calibrated: bool = True
    facts: dict[str, str] = field(default_factory=dict)


def compared(trained: Trained, champion: Scorer | None) -> Comparison:
    """Hold a trained model against the champion; without one, against chance."""
    calibrated = is_calibrated(trained)
    if champion is None:
        return _first(trained, calibrated)
    held = trained.data.held_out
    rival = champion.score(held.frame)
    gain, sureness = paired(trained, rival)
    worse = worse_slices(trained, rival)
    figure = _figure(held, rival, trained.scorer.is_binary)
    reasons = []
    if sureness < trained.model.gates.confidence:
        reasons.append(f"it is better in {sureness:.0%} of resamples, {trained.model.gates.confidence:.0%} are needed")
    if not calibrated:
        reasons.append(f"its calibration error is {trained.evaluation.value('ece'):.3f}")
    if worse:
        reasons.append(f"it is worse for {', '.join(worse)}")
    good = not reasons
    reason = "better by the paired test, calibrated, no slice worse" if good else "; ".join(reasons)
    return Comparison(good, reason, gain, sureness, figure, worse, calibrated)


def _first(trained: Trained, calibrated: bool) -> Comparison:
    if not trained.scorer.is_binary:
        return Comparison(True, "the first one")
    low = trained.evaluation.figures["auc"].low
    if not low > 0.5:
        return Comparison(False, f"it ranks no better than chance (AUC from {low:.3f} on)", is_calibrated=calibrated)
    reason = "the first one" if calibrated else "the first one; its probabilities are not calibrated"
    return Comparison(True, reason, is_calibrated=calibrated)


def _figure(held: HeldOut, answer: Floats, is_binary: bool) -> float:
    return metrics.auc(held.label, answer) if is_binary else float(np.sqrt(np.mean((answer - held.label) ** 2)))


def paired(trained: Trained, rival: Floats) -> tuple[float, float]:
    """The gain on the held-out examples, and in which share of resamples of the same subjects there is one."""
    held, search = trained.data.held_out, trained.model.search
    if trained.scorer.is_binary:
        draws = metrics.bootstrap_auc(
            held.label, [trained.answer, rival], held.subjects, search.bootstrap_rounds, search.seed
        )
        gains = draws[:, 0] - draws[:, 1]
        gain = metrics.auc(held.label, trained.answer) - metrics.auc(held.label, rival)
    else:
        squares = [(answer - held.label) ** 2 for answer in (rival, trained.answer)]
        sets = evaluation.resampled_rows(held, search.bootstrap_rounds, search.seed)
        gains = np.array([np.sqrt(squares[0][r].mean()) - np.sqrt(squares[1][r].mean()) for r in sets])
        gain = float(np.sqrt(squares[0].mean()) - np.sqrt(squares[1].mean()))
    return float(gain), float((gains > 0).mean()) if len(gains) else 0.0


def worse_slices(trained: Trained, rival: Floats) -> tuple[str, ...]:
    """Slices that lose more than the margin, and more than resampling explains."""
    if not trained.scorer.is_binary:
        return ()
    held, gates, search = trained.data.held_out, trained.model.gates, trained.model.search
    worse = []
    for name in trained.evaluation.slices:
        column, _, value = name.partition("=")
        rows = np.flatnonzero((evaluation.slice_values(held.frame[column]) == value).to_numpy())
        lost = metrics.auc(held.label[rows], rival[rows]) - trained.evaluation.slices[name][0]
        if lost <= gates.slice_margin:
            continue
        subjects = np.unique(held.subjects[rows], return_inverse=True)[1]
        both = [trained.answer[rows], rival[rows]]
        draws = metrics.bootstrap_auc(held.label[rows], both, subjects, search.bootstrap_rounds, search.seed)
        if np.quantile(draws[:, 1] - draws[:, 0], 1 - gates.confidence) > 0:
            worse.append(name)
    return tuple(worse)


def is_calibrated(trained: Trained) -> bool:
    """Whether the calibration error is within the gate, or within what chance does to true probabilities."""
    if not trained.scorer.is_binary:
        return True
    found, gate = trained.evaluation.value("ece"), trained.model.gates.max_ece
    if found <= gate:
        return True
    random = np.random.default_rng(trained.model.search.seed)
    draws = [
        metrics.ece((random.random(len(trained.answer)) < trained.answer).astype(float), trained.answer)
        for _ in range(SIMULATED)
    ]
    return found <= float(np.quantile(draws, 0.95))
