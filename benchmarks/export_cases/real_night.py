"""A case's silver tables from real nights: the step load, day by day, in one Spark session for all cases."""

from datetime import date

import pandas as pd

from benchmarks.export_cases.preview_night import TABLES
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.lake.reader import rows
from lakehouse.runs import steps

REFUSED = "SELECT path, state, reason, remedy FROM ops.files WHERE reason IS NOT NULL"
ASIDE = "SELECT table, quarantined FROM ops.lineage WHERE quarantined > 0"


def tables(conf: Conf, days: list[date]) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Rows by table after the last night, and what the nights said: refusals, quarantine, failed jobs."""
    words: list[str] = []
    for day in days:
        result = steps.run(conf, ["load"], day)
        words += [f"{o.job.name}: {o.error}" for o in result.outcomes if o.error]
    words += [f"{r['path']} {r['state']}: {r['reason']}; {r['remedy']}" for r in rows(conf, REFUSED)]
    words += [f"{r['quarantined']} lines of {r['table']} set aside" for r in rows(conf, ASIDE)]
    made = {}
    for name in TABLES:
        columns = [c.name for c in Contracts(conf)[f"silver.{name}"].columns]
        made[name] = pd.DataFrame(rows(conf, f"SELECT * FROM silver.{name}"), columns=columns)
    return made, words
