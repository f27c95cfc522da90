"""What a tag or segment would do tonight, counted over a lake as its last night left it: DuckDB, no JVM, no write."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import pyarrow as pa

from jobs.gold.membership import conditions, faults, labels, members
from jobs.gold.membership.definitions import Rule, named, segment_rules, tag_rules
from jobs.gold.membership.governance import precision_query
from jobs.gold.membership.labels import Precision
from jobs.gold.settings.segments import Settings as Segments
from jobs.gold.settings.tags import Settings as Tags
from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError
from lakehouse.lake.local_tables import LocalTables
from lakehouse.sql.query import Query, Table

PRESENT = {"tags": ("gold.customer_tags", "tag"), "segments": ("gold.segments", "segment")}
SHORTLY = timedelta(days=28)  # sold so soon after the lake's first line, a product may be older than the lake


@dataclass(frozen=True)
class Trial:
    """What one rule would do: whom it holds for, and what would change.

    share: of all customers; joining, leaving: against the present table; examples: customer_id, evidence;
    overlaps: other tag or segment that customers have at present, customers in common.
    """

    name: str
    customer_count: int
    share: float
    joining: int
    leaving: int
    examples: tuple[tuple[str, str | None], ...]
    overlaps: tuple[tuple[str, int], ...]
    precision: Precision | None
    notes: tuple[str, ...]


class Bench(LocalTables):
    """A lake's tables before DuckDB, and the rules of one subject.

    Args:
        subject: tags or segments.
        as_of: a night that was; None for the last.

    Raises:
        ConfigError: there is no night yet, or none of that day.
    """

    def __init__(self, conf: Conf, subject: str, as_of: date | None = None) -> None:
        super().__init__(conf, as_of)
        self.subject = subject

    def rules(self, names: Sequence[str]) -> list[Rule]:
        """The chosen rules, which have no fault; all for no names.

        Raises:
            ConfigError: a name that is not in conf, or a fault of a chosen rule.
        """
        known = self._rules()
        for name in names:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
                remedy = f"did you mean '{near[0]}'?" if near else "add it"
                raise ConfigError(f"there is no '{name}'", f"{self.subject}.yaml", remedy)
        for fault in faults.faults(self.conf, self.subject, names):
            raise fault
        return [rule for name, rule in known.items() if not names or name in names]

    def _rules(self) -> dict[str, Rule]:
        if self.subject == "segments":
            rules = segment_rules(self.conf.settings("segments", Segments).segments)
        else:
            rules = tag_rules(self.conf.settings("tags", Tags).tags, self.run_date)
        return {rule.name: rule for rule in rules}

    def members(self, rules: Sequence[Rule]) -> pa.Table:
        """customer_id, name, evidence.

        Raises:
            ConfigError: DuckDB cannot answer what a rule asks.
        """
        try:
            return self.answer(members.members_query(rules, self.run_date))
        except duckdb.Error as error:
            names = ", ".join(rule.name for rule in rules if not members.agree(rule)) or "a rule"
            kind = type(error).__name__
            remedy = "the night asks Spark; try the others by name"
            raise ConfigError(f"only Spark can answer {names} ({kind})", f"{self.subject}.yaml", remedy) from None

    def present(self) -> pa.Table:
        """customer_id, name of the memberships that stand."""
        table, label = PRESENT[self.subject]
        self.answer(Query("SELECT 1 AS one", {"present_rows": table}))
        columns = self.engine.sql("SELECT * FROM present_rows LIMIT 0").columns
        end = next((name for name in ("valid_to", "until") if name in columns), None)  # until: of an older contract
        stands = f"WHERE {end} IS NULL" if end else ""
        sql = f"SELECT customer_id, {label} AS name FROM {{present_rows}} {stands}"
        return self.answer(Query(sql, {"present_rows": table}))


def trials(conf: Conf, subject: str, names: Sequence[str] = (), as_of: date | None = None) -> list[Trial]:
    """Try the chosen rules; all for no names."""
    bench = Bench(conf, subject, as_of)
    rules = bench.rules(names)
    now = bench.members([rule for rule in rules if not rule.closes])
    tables: dict[str, Table] = {
        "now": now,
        "present": bench.present(),
        "rules": named(rules),
        "customer_profile": "gold.customer_profile",
    }
    counts = {row["name"]: row for row in bench.answer(Query(COUNTS, tables)).to_pylist()}
    examples, overlaps = (
        bench.answer(Query(EXAMPLES, tables)).to_pylist(),
        bench.answer(Query(OVERLAPS, tables)).to_pylist(),
    )
    precisions = _precisions(bench, rules, now)
    return [
        Trial(
            rule.name,
            **{k: v for k, v in counts[rule.name].items() if k != "name"},
            examples=tuple((row["customer_id"], row["evidence"]) for row in examples if row["name"] == rule.name),
            overlaps=tuple((row["other"], row["common"]) for row in overlaps if row["name"] == rule.name),
            precision=precisions.get(rule.name),
            notes=tuple(_notes(bench, rule)),
        )
        for rule in rules
    ]


COUNTS = """
    SELECT r.name, coalesce(n.customer_count, 0) AS customer_count,
           coalesce(n.customer_count / nullif(a.customers, 0), 0.0) AS share, coalesce(n.joining, 0) AS joining,
           coalesce(p.leaving, 0) AS leaving
    FROM {rules} r CROSS JOIN (SELECT count(*) AS customers FROM {customer_profile}) a
    LEFT JOIN (
        SELECT n.name, count(*) AS customer_count, count(CASE WHEN p.customer_id IS NULL THEN 1 END) AS joining
        FROM {now} n LEFT JOIN {present} p ON n.customer_id = p.customer_id AND n.name = p.name GROUP BY n.name) n
           ON r.name = n.name
    LEFT JOIN (
        SELECT p.name, count(*) AS leaving FROM {present} p
        LEFT JOIN {now} n ON n.customer_id = p.customer_id AND n.name = p.name
        WHERE n.customer_id IS NULL GROUP BY p.name) p ON r.name = p.name"""
EXAMPLES = """
    SELECT name, customer_id, evidence FROM (
        SELECT *, row_number() OVER (PARTITION BY name ORDER BY customer_id) AS place FROM {now}) ranked
    WHERE place <= 5 ORDER BY name, customer_id"""
OVERLAPS = """
    SELECT n.name, p.name AS other, count(*) AS common
    FROM {now} n JOIN {present} p ON n.customer_id = p.customer_id AND n.name <> p.name
    GROUP BY n.name, p.name ORDER BY n.name, common DESC, other"""
MATRIX = """
    SELECT a.name, b.name AS other, count(*) AS common FROM {now} a JOIN {now} b ON a.customer_id = b.customer_id
    GROUP BY a.name, b.name"""


def overlap_matrix(
    conf: Conf, subject: str, names: Sequence[str] = (), as_of: date | None = None
) -> dict[str, dict[str, int]]:
    """Customers that two rules have in common; a rule with itself: all that it has."""
    bench = Bench(conf, subject, as_of)
    rules = bench.rules(names)
    matrix = {rule.name: dict.fromkeys((other.name for other in rules), 0) for rule in rules}
    for row in bench.answer(Query(MATRIX, {"now": bench.members(rules)})).to_pylist():
        matrix[row["name"]][row["other"]] = row["common"]
    return matrix


def _precisions(bench: Bench, rules: Sequence[Rule], now: pa.Table) -> dict[str, Precision]:
    if bench.subject == "segments":
        return {}
    tags = bench.conf.settings("tags", Tags).tags
    read = [
        labels.read_labels(rule.name, labels.label_file(bench.conf, tags[rule.name].labels, "tags.yaml"), "tags.yaml")
        for rule in rules
        if tags[rule.name].labels
    ]
    if not read:
        return {}
    return labels.of_labels(bench.answer(precision_query(pa.concat_tables(read), now, bench.run_date)).to_pylist())


def _notes(bench: Bench, rule: Rule) -> list[str]:
    notes = []
    if rule.closes:
        notes.append(f"{rule.closes}: nobody has it")
    if any(not conditions.agree(sql) for sql in (rule.when, rule.evidence) if sql):
        notes.append("the night asks Spark, which may read this a little differently from DuckDB here")
    event = rule.first_purchase_of
    if event is not None:
        sold = bench.answer(members.launch_query(event, bench.run_date)).to_pylist()[0]
        if sold["first_sale"] is None:
            notes.append("none of its products was ever sold to a customer")
        elif event.of_launch == "first_sale" and sold["first_sale"] - sold["first_line"] < SHORTLY:
            notes.append(
                f"first sold on {sold['first_sale']}, but the lake's first line is of {sold['first_line']}: "
                "this may be no launch; give of_launch its day"
            )
    return notes
