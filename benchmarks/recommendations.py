"""Recommendations against the lists anybody could make: recall and more of what customers bought in the days after.

    python -m benchmarks.recommendations --lake DIR [--run-date D] [--level product_type] [--conf DIR]

Learns as of two horizons before the run date, judges as of one before it, and needs neither Spark nor MLflow. Peers on
the same customers, days and items: the ten items most bought lately, the same for everybody; the same of what the
customer has not bought, which is harder to beat; and the last basket again. HELD is what we promise of new items, by
the first of these.

How far the harder one can be beaten was tried on the sample as of 2017-11-06, with candidates and 63 features from all
that is known (factors, neighbours over all 58,000 products with decay, popularity in the customer's stores, how often
they buy the type, category, brand and maker and how many others of it they have tried, discounts, trends of a week and
a quarter) under boosted trees, plain and weighted for recall, learned from two or three earlier windows:

    level, horizon                        alone: factors, neighbours, stores, types     boosted trees, all features
    product_type, 28 days                 1.08, 1.00, 0.92, 0.06 times                  1.16 times
    product_id (the 5,000), 28 days       0.99, 0.93, 0.90, 0.65                        1.26
    product_id (the 4,000), 7 days                                                      1.17 (as of 2017-12-04)

Nearly half of the new products bought are none of the 5,000 most bought. Nothing tried comes near 1.5, so the ranker
stays a regression.
"""

import argparse
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from jobs.gold.recommending.evaluation import EVERYBODY
from jobs.gold.recommending.fitting import Fit, Fitter
from jobs.gold.settings.recommendations import Settings
from lakehouse.config.documents import home
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.lake.lake import Lake
from lakehouse.ops import tables as ops_tables
from lakehouse.ops.run_log import Run

HELD = 1.5
SHOWN = ("recall_at_10", "ndcg_at_10", "coverage", "novelty_bits", "gini_of_exposure", "long_tail_share")
LINE = "{task:4} {method:22} {group:7} {customer_count:6,}" + " ".join(f"{{{name}:9.4f}}" for name in SHOWN)
HEAD = "task method                 group   buyers   recall      ndcg  coverage   novelty      gini long tail"


def main() -> None:
    """Fit, judge, print the table and the ratios."""
    arguments = parsed()
    conf = Conf(layers=[arguments.conf] if arguments.conf.is_dir() else [])
    settings = conf.settings("recommendations", Settings)
    settings = replace(
        settings, catalogue=replace(settings.catalogue, level=arguments.level or settings.catalogue.level)
    )
    for run_date in arguments.run_date or [last_night(arguments.lake)]:
        lake = Lake(None, conf, arguments.lake, Run("benchmark", run_date), Contracts(conf))  # type: ignore[arg-type]
        wall, cpu = time.monotonic(), time.process_time()
        fit = Fitter(lake.for_job("benchmark", ""), settings, run_date).fit()
        wall, cpu = time.monotonic() - wall, time.process_time() - cpu
        report(fit, wall, cpu)


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lake", required=True, help="the lake's folder")
    parser.add_argument("--run-date", type=date.fromisoformat, nargs="*", help="the lake's last night where not given")
    parser.add_argument(
        "--level", choices=("product_category", "product_type", "product_id"), help="conf's if not given"
    )
    parser.add_argument("--conf", type=Path, default=home() / "conf" / "sample", help="a configuration layer")
    return parser.parse_args()


def last_night(root: str) -> date:
    """The last run date on record."""
    found: date = max(row["run_date"] for row in ops_tables.read(f"{root}/ops/runs", ["run_date"]))
    return found


def report(fit: Fit, wall: float, cpu: float) -> None:
    """The table, the ratios to the peers, and what it cost."""
    print(
        f"\nby {fit.level}, {len(fit.keys):,} items, {fit.customer_count:,} customers; learned as of "
        f"{fit.learned_as_of}, judged as of {fit.judged_as_of}; {wall:.1f} s wall, {cpu:.1f} s CPU"
    )
    if fit.reason:
        print(f"nothing to judge: {fit.reason}")
        return
    print(HEAD)
    for row in fit.evaluation:
        print(LINE.format(group=row["customer_group"], **row))
    everybody = {(row["task"], row["method"]): row for row in fit.evaluation if row["customer_group"] == EVERYBODY}
    plain, strict = (ratio(everybody, "new", peer) for peer in ("popularity", "popularity_not_bought"))
    print(f"new items: {plain:.2f} times popularity ({HELD} promised), {strict:.2f} times that of what was not bought")
    print(
        f"all items: {ratio(everybody, 'all', 'popularity'):.2f} times popularity, "
        f"{ratio(everybody, 'all', 'last_basket'):.2f} times the last basket"
    )


def ratio(rows: dict[tuple[str, str], dict[str, Any]], task: str, peer: str) -> float:
    """The ranker's recall to a peer's."""
    return float(rows[task, "ranker"]["recall_at_10"] / max(rows[task, peer]["recall_at_10"], 1e-9))


if __name__ == "__main__":
    main()
