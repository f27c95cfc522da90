"""Lists of texts against what anybody writes in ten lines: TF-IDF of all words, the best pair first, one partner each.

Usage: python -m benchmarks.text_peer [--data DIR] [--only NAME]
One row per set: F1 of ours (threshold from the lists), and of the peer at the threshold best by the truth, which
nobody has, and at 0.5; then what ours expects of itself, and what is true.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks import identity
from jobs.identity.matching.engines import DuckDBEngine
from jobs.identity.record_sets import evaluate, file_fields, file_linkage, file_report, text_linkage

THRESHOLDS = [round(float(bound), 2) for bound in np.arange(0.1, 0.95, 0.05)]
MIDDLE = 0.5
SETS = ("DBLP-ACM", "catalogues", "bibliographies", "lists")
COLUMNS = ("set", "true pairs", "F1 ours", "peer, best", "peer at 0.5", "precision", "expected", "recall", "expected")


def main() -> int:
    """Exit code 1 where the peer at its best is ahead."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with er_dblp_acm")
    parser.add_argument("--only", default="", help="part of a set's name")
    options = parser.parse_args()
    table, behind = Table(*COLUMNS), 0
    with tempfile.TemporaryDirectory() as folder:
        for name, files, fields_yaml, truth in identity.known_sets(options.data, Path(folder), options.only):
            if not name.startswith(SETS) or not all(path.is_file() for path in files):
                continue
            cells, is_behind = row_of(files, identity.FORMS / fields_yaml, truth)
            behind += is_behind
            table.add_row(name, *cells)
            print(name, *cells, flush=True)
    Console(width=140).print(table)
    return 1 if behind else 0


def row_of(files: list[Path], fields_yaml: Path, truth: Path) -> tuple[list[str], bool]:
    """The cells of a set, and whether the peer is ahead."""
    file_settings = file_fields.settings_of(fields_yaml)
    linkage = file_linkage.link(files, file_settings, identity.CONF)
    both, across = file_report.with_truth(linkage, file_settings, truth, files)
    ours = evaluate.report(both, across)
    peer = {
        bound: evaluate.report(mapped, across).f1 for bound, mapped in peer_maps(files, file_settings, both).items()
    }
    best, sure = max(peer.values()), linkage.expected
    expected = ["none" if share is None else f"{share:.3f}" for share in (sure.precision, sure.recall)]
    figures = [f"{value:.3f}" for value in (ours.f1, best, peer[MIDDLE])]
    shares = [f"{ours.precision:.3f}", expected[0], f"{ours.recall:.3f}", expected[1]]
    return [f"{ours.true_pairs:,}", *figures, *shares], ours.f1 < best


def peer_maps(
    files: list[Path], file_settings: file_fields.FileSettings, both: pd.DataFrame
) -> dict[float, pd.DataFrame]:
    """By threshold, the records with the customer_id that the peer gives; on the same cleaned texts."""
    engine = DuckDBEngine()
    fields = file_linkage.load(engine, files, file_settings, identity.CONF)
    rows = engine.fetch("SELECT * FROM cleaned ORDER BY account_id").to_pandas()
    engine.close()
    texts = rows[[f.name for f in fields if f.type in text_linkage.TEXTS]].fillna("").agg(" ".join, axis=1)
    one = (rows["channel"] == rows["channel"].min()).to_numpy()
    pairs = greedy(texts[one].tolist(), texts[~one].tolist())
    ids = rows["account_id"].to_numpy(object)
    joined = pairs.assign(left=ids[one][pairs["left"]], right=ids[~one][pairs["right"]])
    return {bound: _mapped(both, joined[joined["cosine"] >= bound]) for bound in THRESHOLDS}


def greedy(left: list[str], right: list[str]) -> pd.DataFrame:
    """The ten lines: left, right (numbers of texts), cosine."""
    vectors = TfidfVectorizer().fit_transform(left + right)
    cosines = (vectors[: len(left)] @ vectors[len(left) :].T).tocoo()
    taken: tuple[set[int], set[int]] = (set(), set())
    pairs = []
    for at in np.argsort(-cosines.data, kind="stable"):
        one, other = int(cosines.row[at]), int(cosines.col[at])
        if one not in taken[0] and other not in taken[1]:
            taken[0].add(one)
            taken[1].add(other)
            pairs.append((one, other, float(cosines.data[at])))
    return pd.DataFrame(pairs, columns=["left", "right", "cosine"])


def _mapped(both: pd.DataFrame, joined: pd.DataFrame) -> pd.DataFrame:
    of = dict(zip(joined["right"], joined["left"], strict=True))
    return both.assign(customer_id=[of.get(account, account) for account in both["account_id"]])


if __name__ == "__main__":
    sys.exit(main())
