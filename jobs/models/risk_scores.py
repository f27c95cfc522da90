"""Models: how likely each credit or bill stays unpaid, with the codes of the reasons.

Reads   bronze.* (the table that a model of conf/models with purpose risk names), identity.customer_map
Writes  gold.risk_scores, one row per model and credit or bill whose outcome is not known yet
"""

from collections.abc import Iterator
from datetime import date

from jobs.models.landed import scores
from lakehouse.config.layers import Conf, Profile
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Query

READS = ("bronze.*", "identity.customer_map")
WRITES = "gold.risk_scores"
DEPENDS_ON_RUN_DATE = True
PURPOSE = "risk"
LINEAGE = {WRITES: {"customer_id": ("identity.customer_map.customer_id",), "*": ()}}


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    """Score what is open tonight."""
    scores.publish(lake, run_date, PURPOSE, WRITES)


def queries(conf: Conf, _run_date: date, _profile: Profile) -> Iterator[Query]:
    """All queries of this job."""
    yield from scores.queries(conf, PURPOSE)
