"""Following nights of the code as it is against those of an earlier version: seconds, in turn, on the same deliveries.

    python -m benchmarks.versions REF [--nights 6]

REF is a commit or tag; its source is taken out of git into a folder of its own and runs with this environment. Each
version has a lake, a model store and deliveries of its own. The first night is not counted: it reads all history. Run
it on an idle machine: with two cores a second program changes the ratio.
"""

import argparse
import io
import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from benchmarks.__main__ import measured
from lakehouse.config.documents import home
from lakehouse.ops import tables as ops_tables

PROGRAMS = ("lakehouse/cli/main.py", "jobs/cli.py")  # the command line, and where it was before
STARTER = """
import os, runpy, sys
os.chdir(sys.argv[1])
del sys.argv[:2]
runpy.run_module(sys.argv[0], run_name="__main__")
"""


def main() -> None:
    """Run nights of both versions in turn and print each pair, then the ratio of the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ref")
    parser.add_argument("--nights", type=int, default=6)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="versions-") as folder:
        trees = {"before": Path(folder, "before"), "now": Path(folder, "now")}
        taken_out(arguments.ref, trees["before"])
        taken_out(None, trees["now"])
        for tree in trees.values():
            lakehouse(tree, "sample", "--nights", str(arguments.nights))
        compare(trees, arguments.nights)


def taken_out(ref: str | None, tree: Path) -> None:
    """The source of a commit (None: as it stands in the working folder), beside the jars and the class archive."""
    tree.mkdir()
    if ref:
        with tarfile.open(fileobj=io.BytesIO(git("archive", ref))) as archive:
            archive.extractall(tree, filter="data")
    else:
        for name in git("ls-files").decode().splitlines():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(home() / name, tree / name)
    (tree / "var").mkdir(exist_ok=True)
    for name in ("jars", "spark"):
        (tree / "var" / name).symlink_to(home() / "var" / name)


def git(*words: str) -> bytes:
    """What git says of this checkout."""
    command = [shutil.which("git") or "git", *words]
    return subprocess.run(command, cwd=home(), check=True, capture_output=True).stdout


def compare(trees: dict[str, Path], nights: int) -> None:
    """Seconds of each following night, in turn, so that both versions see the same machine."""
    seconds: dict[str, list[float]] = {name: [] for name in trees}
    for night in range(nights):
        for name, tree in trees.items():
            seconds[name].append(lakehouse(tree, "night"))
        pair = ", ".join(f"{name} {values[-1]:6.1f} s" for name, values in seconds.items())
        print(f"night {night + 1}: {pair}{'' if night else '  (not counted)'}", flush=True)
    for name, tree in trees.items():
        published = sum(row["job"] == "night" for row in ops_tables.read(str(tree / "var/lake/ops/runs")))
        if published != nights:
            sys.exit(f"the ratio counts for nothing: {published} of {nights} nights of '{name}' were published")
    middle = {name: statistics.median(values[1:]) for name, values in seconds.items()}
    print(f"following nights, medians: {middle}; now / before {middle['now'] / middle['before']:.3f}")


def lakehouse(tree: Path, *words: str) -> float:
    """Wall seconds of one command of a version."""
    program = next(p for p in PROGRAMS if (tree / p).exists()).removesuffix(".py").replace("/", ".")
    places = ["--drop", str(tree / "var/drop"), "--lake", str(tree / "var/lake")]
    os.environ |= {"PYTHONPATH": str(tree), "LAKEHOUSE_HOME": str(tree)}
    seconds, _ = measured([sys.executable, "-c", STARTER, str(tree), program, *words, *places])
    return seconds


if __name__ == "__main__":
    main()
