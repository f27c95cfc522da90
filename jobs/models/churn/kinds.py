"""Why customers leave, as far as what they did says: what to do differs by it.

dissatisfied: something went back or was cancelled lately, or they complained. price: visits go on, money goes down.
need_ended: bought much in a short time and nothing since, without any complaint. silent: none of these shows. The
kinds are declared, not learned: no label says why somebody left.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

DISSATISFIED, PRICE, NEED_ENDED, SILENT = "dissatisfied", "price", "need_ended", "silent"
LESS_MONEY, STEADY_VISITS = 0.5, 0.8  # of the three months' mean, in the last four weeks
SHORT_TENURE_DAYS, DONE_SILENCE = (
    120,
    2.0,
)  # need ended: bought within so many days, silent so many times the longest gap


def kind_of_churn(frame: pd.DataFrame, first_reason: Sequence[str]) -> list[str]:
    """The kind per row of the examples.

    Args:
        first_reason: the strongest reason's name, which decides between money and silence.
    """
    refunded = (_column(frame, "refund_days_84d") > 0) | (_column(frame, "complaints_84d") > 0)
    spends_less = (_column(frame, "spend_trend") < LESS_MONEY) & (_column(frame, "visit_trend") >= STEADY_VISITS)
    is_money = np.array([reason == "less_money" for reason in first_reason], dtype=bool)
    active_days = _column(frame, "tenure_days") - _column(frame, "recency_days")
    is_done = (active_days <= SHORT_TENURE_DAYS) & (_column(frame, "recency_to_longest_gap") >= DONE_SILENCE)
    kinds = np.select(
        [refunded, spends_less | (is_money & ~is_done), is_done & (active_days > 0)],
        [DISSATISFIED, PRICE, NEED_ENDED],
        default=SILENT,
    )
    return [str(kind) for kind in kinds]


def _column(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    return np.asarray(np.nan_to_num(frame[name].astype("float64").to_numpy()), dtype=np.float64)
