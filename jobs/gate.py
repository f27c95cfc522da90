"""The gate before every publish: one aggregate gives the row count, the fingerprint and every compiled expectation."""

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame, Observation
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, DoubleType, FloatType, MapType, StructType

from jobs import expectations, gx_plain, rows_at_hand
from jobs.contracts import Contract
from jobs.errors import GateError
from jobs.expectations import Check, Expectation

if TYPE_CHECKING:
    from jobs.lake import Lake


@dataclass(frozen=True)
class Verdict:
    """What the one aggregate said about a batch."""

    row_count: int
    fingerprint: str
    results: tuple[tuple[Expectation, bool, dict[str, Any]], ...]


def judge(lake: "Lake", contract: Contract, batch: DataFrame, mode: str) -> Verdict:
    """Judge a batch and record one row of ops.quality per expectation.

    Raises:
        GateError: a critical expectation failed; names table and expectations, never a value.
    """
    suite = expectations.suite(lake.conf, contract)
    return recorded(lake, contract, observe(batch, compiled(suite)), suite, batch, mode)


def judge_collected(lake: "Lake", contract: Contract, batch: DataFrame, mode: str) -> tuple[Verdict, pa.Table]:
    """The same while the batch is collected: one Spark job gives the rows and the verdict.

    Raises:
        GateError: as above; nothing is written then.
    """
    suite = expectations.suite(lake.conf, contract)
    verdict, rows = collect(batch, compiled(suite))
    if len(verdict.results) < len(suite):  # GX judges what is committed, not another evaluation of the plan
        batch = lake.spark.createDataFrame(rows, batch.schema)
    return recorded(lake, contract, verdict, suite, batch, mode), rows


def judge_at_hand(lake: "Lake", contract: Contract, rows: pa.Table, mode: str) -> Verdict | None:
    """The same for rows that no engine needs to make any more: DuckDB judges them; None where only Spark can.

    Raises:
        GateError: as above.
    """
    suite = expectations.suite(lake.conf, contract)
    checks = compiled(suite)
    verdict = at_hand(rows, checks) if len(checks) == len(suite) else None
    return recorded(lake, contract, verdict, suite, None, mode) if verdict else None


def compiled(suite: list[Expectation]) -> list[Check]:
    """What of a suite can be judged by aggregates."""
    return [check for e in suite if (check := expectations.compiled(e))]


def recorded(
    lake: "Lake", contract: Contract, verdict: Verdict, suite: list[Expectation], batch: DataFrame | None, mode: str
) -> Verdict:
    """Let GX judge what was not compiled, keep all verdicts, and stop at a critical one."""
    judged = {id(e) for e, _, _ in verdict.results}
    left = [e for e in suite if id(e) not in judged]
    plain = gx_plain.judge(batch, left) if batch is not None else []
    verdict = replace(verdict, results=(*verdict.results, *plain))
    if not (mode != "replace" and verdict.row_count == 0):  # nothing new: nothing to judge
        lake.record("ops.quality", [_row(lake, contract, *result) for result in verdict.results])
        _stop_at_critical(contract, verdict, empty_is_legal=verdict.row_count == 0 and bool(lake.notes))
    return verdict


def observe(batch: DataFrame, checks: list[Check]) -> Verdict:
    """One Spark aggregate over the batch for all checks, the row count and the fingerprint."""
    distinct = {f"c{i}_distinct": check.distinct.count for i, check in enumerate(checks) if check.distinct}
    seen = batch.agg(*_aggregates(batch, checks), *(F.expr(c).alias(name) for name, c in distinct.items())).first()
    assert seen is not None  # an aggregate without groups always has one row
    return _verdict(checks, seen.asDict())


def collect(batch: DataFrame, checks: list[Check]) -> tuple[Verdict, pa.Table]:
    """The rows, and what `observe` gives, from one Spark job: aggregates are taken as the rows pass by."""
    aside = {f"_judged_{i}": F.expr(c.distinct.judged) for i, c in enumerate(checks) if c.distinct}
    seen = Observation()
    passing = batch.withColumns(aside) if aside else batch
    rows = passing.observe(seen, *_aggregates(batch, checks)).toArrow()
    values = dict(seen.get) if rows.num_rows else _of_nothing(checks)
    for i, check in enumerate(checks):
        if check.distinct:
            values[f"c{i}_distinct"] = rows_at_hand.different(rows, f"_judged_{i}", check.distinct.names)
    return _verdict(checks, values), rows.select(batch.columns)


def at_hand(rows: pa.Table, checks: list[Check]) -> Verdict | None:
    """What `observe` gives, without Spark; None where only Spark can judge."""
    seen = rows_at_hand.observed(rows, checks)
    return None if seen is None else _verdict(checks, seen)


def _aggregates(batch: DataFrame, checks: list[Check]) -> list[Column]:
    columns = [F.count(F.lit(1)).alias("rows"), fingerprint(batch).alias("fingerprint")]
    for i, check in enumerate(checks):
        columns += [F.expr(sql).alias(f"c{i}_{name}") for name, sql in check.columns.items()]
    return columns


def _of_nothing(checks: list[Check]) -> dict[str, Any]:
    """Aggregates over no rows; the optimizer may have taken an empty plan away, and its observation with it."""
    values = {f"c{i}_{name}": check.of_nothing for i, check in enumerate(checks) for name in check.columns}
    return {"rows": 0, "fingerprint": None, **values}


def _verdict(checks: list[Check], seen: dict[str, Any]) -> Verdict:
    results = []
    for i, check in enumerate(checks):
        names = [*check.columns, *(["distinct"] if check.distinct else [])]
        passed, observed = check.verdict({name: seen[f"c{i}_{name}"] for name in names})
        results.append((check.expectation, passed, observed))
    return Verdict(seen["rows"], str(seen["fingerprint"] or 0), tuple(results))


def _row(lake: "Lake", contract: Contract, e: Expectation, passed: bool, observed: dict[str, Any]) -> dict[str, Any]:
    return {
        "run_id": lake.run.run_id,
        "run_date": lake.run.run_date,
        "table": contract.table,
        "expectation": e.name,
        "type": e.type,
        "severity": e.severity,
        "is_passed": passed,
        "observed": {k: _json(v) for k, v in observed.items()},
        "why": str(e.meta.get("why", "")),
        "where": e.where or "contract",
        "kwargs": {k: _json(v) for k, v in e.kwargs.items()},
    }


def _json(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)


def _stop_at_critical(contract: Contract, verdict: Verdict, empty_is_legal: bool) -> None:
    failed = [(e, seen) for e, passed, seen in verdict.results if not passed and e.severity == "critical"]
    if failed and not empty_is_legal:
        said = "; ".join(f"{e.name}: {', '.join(f'{k} {v}' for k, v in seen.items())}" for e, seen in failed)
        where = ", ".join(sorted({e.where for e, _ in failed if e.where})) or "its contract"
        raise GateError(
            f"{len(failed)} critical expectations failed ({said}); last night's table stays",
            contract.table,
            f"correct the input, or the expectation at {where}, and run the night again",
        )


def fingerprint(rows: DataFrame) -> Column:
    """Sum of the rows' 64-bit hashes: equal for equal rows in any order; floats count to 9 significant digits."""
    hashed = F.xxhash64(*[_stable(F.col(f"`{f.name}`"), f.dataType) for f in rows.schema])
    return F.sum(hashed.cast("decimal(38,0)"))


def _stable(column: Column, of: DataType) -> Column:
    if isinstance(of, (DoubleType, FloatType)):
        return F.format_string("%.8e", column + F.lit(0.0))  # -0.0 is 0.0
    if isinstance(of, MapType):
        return F.to_json(F.array_sort(F.map_entries(column)))
    if isinstance(of, (ArrayType, StructType)):
        return F.to_json(column)
    return column
