"""Great Expectations' Data Docs of a night, made from the verdicts that the gate recorded in ops.quality.

The gate judges by one aggregate; here its verdicts become GX validation results, for stewards to read where they are
used to. GX is imported once a night, here (it takes seconds), and no data is judged a second time.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

from lakehouse.errors import LakehouseError
from lakehouse.ops import tables as ops_tables

Row = dict[str, Any]
LOWEST_PRIORITY = 19
NO_EXCEPTION = {"raised_exception": False, "exception_message": None, "exception_traceback": None}


def waiting() -> subprocess.Popen[bytes]:
    """A process that imports GX, which takes seconds on a core of its own, and then waits to be told what to build."""
    home = str(Path(__file__).resolve().parents[3])
    search = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH", "")]))
    return subprocess.Popen(
        [sys.executable, "-m", "jobs.report.page.data_docs"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": search},
    )


def told(builder: subprocess.Popen[bytes], quality: str, run_date: date, folder: Path) -> None:
    """Let it build the site of a night; see `build`."""
    assert builder.stdin is not None  # a pipe, by `waiting`
    with contextlib.suppress(BrokenPipeError):  # it died: `finished` says why
        builder.stdin.write(json.dumps([quality, str(run_date), str(folder)]).encode() + b"\n")
        builder.stdin.flush()


def finished(building: subprocess.Popen[bytes]) -> None:
    """Wait for the site.

    Raises:
        LakehouseError: it could not be built; the last line says why.
    """
    _, messages = building.communicate()
    if building.returncode:
        reason = (messages.decode(errors="replace").strip().splitlines() or ["no reason given"])[-1]
        raise LakehouseError(
            f"Data Docs could not be built ({reason[:300]})", "report.nightly", "see 'lakehouse doctor'"
        )


def build(quality: str, run_date: date, folder: Path) -> None:
    """Write the validation results of the night's runs and build the site.

    Args:
        quality: path of ops.quality.
        folder: where the site goes; it is made anew.
    """
    rows = [row for row in ops_tables.read(quality) if row["run_date"] == run_date]
    if not rows:
        return
    context = _context(folder)
    tables = _by_table(rows)
    for table, judged in sorted(tables.items()):
        _store(context, table, judged, run_date)
    context.build_data_docs()
    _list_plainly(folder, tables)


def _list_plainly(folder: Path, tables: dict[str, list[Row]]) -> None:
    """Put a plain list of the tables on GX's start page: its own is made by scripts that come over the network."""
    items = []
    for page in sorted((folder / "validations").rglob("*.html"), key=lambda page: page.stem):
        failed = sum(not row["is_passed"] for row in tables.get(page.stem, []))
        summary = f"{len(tables.get(page.stem, []))} expectations, {failed} failed"
        items.append(f'<li><a href="{page.relative_to(folder).as_posix()}">{page.stem}</a>: {summary}</li>')
    start = folder / "index.html"
    listed = f"<body><h4>Tables judged this night</h4><ul>{''.join(items)}</ul>"
    start.write_text(start.read_text(encoding="utf-8").replace("<body>", listed, 1), encoding="utf-8")


def _by_table(rows: list[Row]) -> dict[str, list[Row]]:
    """The newest verdict of each expectation, by table."""
    newest = {(row["table"], row["expectation"], row["where"]): row for row in rows}
    by_table: dict[str, list[Row]] = defaultdict(list)
    for row in newest.values():
        by_table[row["table"]].append(row)
    return by_table


def _context(folder: Path) -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx

    context = gx.get_context(
        mode="ephemeral"
    )  # what was judged is kept in ops.quality; the site is all that is written
    context.variables.progress_bars = {"globally": False}
    shutil.rmtree(folder, ignore_errors=True)
    site = {
        "class_name": "SiteBuilder",
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder.absolute())},
    }
    for name in context.get_site_names():
        context.delete_data_docs_site(name)
    context.add_data_docs_site(site_name="nights", site_config=site)
    return context


def _store(context: Any, table: str, rows: list[Row], run_date: date) -> None:
    import great_expectations as gx
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    results = [_result(row) for row in rows]
    suite = gx.ExpectationSuite(name=table, expectations=[result.expectation_config for result in results])
    context.suites.add_or_update(suite)
    run = RunIdentifier(run_name=str(run_date), run_time=rows[0]["run_date"].isoformat() + "T00:00:00+00:00")
    key = ValidationResultIdentifier(ExpectationSuiteIdentifier(table), run, table)
    context.validation_results_store.store_validation_results(_validation(table, results, run), key)


def _validation(table: str, results: list[Any], run: Any) -> Any:
    from great_expectations.core import ExpectationSuiteValidationResult

    good = sum(bool(result.success) for result in results)
    statistics = {
        "evaluated_expectations": len(results),
        "successful_expectations": good,
        "unsuccessful_expectations": len(results) - good,
        "success_percent": 100.0 * good / len(results),
    }
    meta = {"run_id": run, "active_batch_definition": {"data_asset_name": table}, "batch_spec": {"table": table}}
    return ExpectationSuiteValidationResult(good == len(results), results, table, statistics=statistics, meta=meta)


def _result(row: Row) -> Any:
    """One verdict in GX's form: counts and aggregates only, as BOOLEAN_ONLY would show no more."""
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    kwargs = {k: json.loads(v) for k, v in dict(row["kwargs"] or {}).items()}
    observed = {k: json.loads(v) for k, v in dict(row["observed"] or {}).items()}
    if "unexpected_count" in observed and observed.get("element_count"):
        observed["unexpected_percent"] = 100.0 * observed["unexpected_count"] / observed["element_count"]
    observed.pop("distinct", None)
    meta = {"why": row["why"], "where": row["where"], "notes": row["why"]}
    config = ExpectationConfiguration(type=row["type"], kwargs=kwargs, meta=meta, severity=row["severity"])
    return ExpectationValidationResult(
        success=row["is_passed"], expectation_config=config, result=observed, exception_info=NO_EXCEPTION
    )


def main() -> None:
    """Import GX, then build what the parent process asks for; nothing when it ends before it asked.

    At the lowest priority: the import is begun with the night, and must take nothing from its jobs.
    """
    os.nice(LOWEST_PRIORITY)
    import great_expectations  # noqa: F401

    if request := sys.stdin.readline():
        quality, run_date, folder = json.loads(request)
        build(quality, date.fromisoformat(run_date), Path(folder))


if __name__ == "__main__":
    main()
