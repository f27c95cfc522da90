"""Share of channels' exports that come out right: `python -m benchmarks.exports --cases DIR [--case NAME] [--fast]`.

For each case: propose from the first day's first file, check, then a night per day folder through the step load, and
the figures of silver beside the case's right ones. `--fast` maps each file by the preview engine in place of the
nights: what only several files together tell (snapshots, an order cut in two) needs them.
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.export_cases.expected import Case, cases
from benchmarks.export_cases.trial import OUTCOMES, Trial, tried


def main() -> None:
    """Try cases and print what became of each, and the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, required=True, help="a folder with EXPECTED.md and a folder per case")
    parser.add_argument("--case", action="append", default=[], help="this case alone; may be repeated")
    parser.add_argument("--fast", action="store_true", help="without Spark: the preview engine maps the rows")
    options = parser.parse_args()
    chosen = [case for case in cases(options.cases) if not options.case or case.name in options.case]
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="exports-") as folder:
        for trial in trials(chosen, Path(folder), options.fast):
            outcomes[trial.outcome] += 1
            print(trial.line(), flush=True)
    for outcome in OUTCOMES:
        print(f"{outcome:28} {outcomes[outcome]:3} of {len(chosen)}  {outcomes[outcome] / max(1, len(chosen)):.1%}")


def trials(chosen: list[Case], folder: Path, fast: bool) -> Iterator[Trial]:
    """All cases in a process of their own, which keeps one Spark session."""
    with ProcessPoolExecutor(1) as pool:
        for future in [pool.submit(tried, case, folder / case.name, fast) for case in chosen]:
            yield future.result()


if __name__ == "__main__":
    main()
