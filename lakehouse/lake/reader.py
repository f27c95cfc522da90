"""SQL over the lake without a JVM: delta-rs reads the tables, Spark SQL is transpiled, names are resolved by us."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import sqlglot
from deltalake import DeltaTable, QueryBuilder
from sqlglot import exp

from lakehouse.config.layers import Conf
from lakehouse.delta import log as delta_log
from lakehouse.errors import ConfigError
from lakehouse.ops.history import History


@dataclass(frozen=True)
class Reader:
    """Reads tables of a lake by name, as they are now or as a day's night published them."""

    root: str
    as_of: date | None = None

    def versions(self) -> dict[str, int] | None:
        """The manifest of the asked night, None for the present.

        Raises:
            ConfigError: that day has no published night.
        """
        if self.as_of is None:
            return None
        history = History(self.root)
        manifest = history.manifest(self.as_of)
        if manifest is None:
            nights = ", ".join(map(str, history.nights()[-5:])) or "none"
            raise ConfigError(f"there is no published night of {self.as_of}", "--as-of", f"the last ones are: {nights}")
        return manifest

    def table(self, name: str, versions: dict[str, int] | None) -> DeltaTable:
        """One table as delta-rs sees it.

        Raises:
            ConfigError: there is no such table (then), with the nearest names.
        """
        path = f"{self.root}/{name.replace('.', '/', 1)}"
        found = delta_log.latest_version(path) if versions is None else versions.get(name)
        if found is None:
            raise ConfigError(
                f"there is no table {name}", "SQL", "'lakehouse tables' lists them; run a night to make them"
            )
        return DeltaTable(path, version=found)

    def sql(self, text: str) -> pa.Table:
        """Run one read-only query.

        Raises:
            ConfigError: it is not a query, a table is missing, or the engine refuses it.
        """
        tree = parsed(text)
        versions, builder = self.versions(), QueryBuilder()
        for name in tables_of(tree):
            builder = builder.register(flat(name), self.table(name, versions))
        try:
            return pa.table(builder.execute(tree.transform(_flattened).sql(dialect="postgres")).read_all())
        except Exception as error:
            raise ConfigError(
                f"the query failed: {str(error)[:300]}", "SQL", "correct it, or try --engine spark"
            ) from error


def parsed(text: str) -> exp.Expr:
    """One SELECT in Spark's dialect.

    Raises:
        ConfigError: it is none.
    """
    try:
        tree = sqlglot.parse_one(text, read="spark")
    except sqlglot.errors.ParseError as error:
        raise ConfigError(f"this is not SQL: {error.errors[0]['description']}", "SQL", "correct it") from error
    if not isinstance(tree, exp.Query):
        raise ConfigError("only queries are allowed here", "SQL", "start with SELECT or WITH")
    return tree


def tables_of(tree: exp.Expr) -> list[str]:
    """The `layer.table` names of a query; names of its own WITH parts are no tables."""
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    names = {f"{t.db}.{t.name}" if t.db else t.name for t in tree.find_all(exp.Table)}
    for name in names - own:
        if "." not in name:
            raise ConfigError(f"'{name}' has no layer", "SQL", f"write it as gold.{name} or the like")
    return sorted(names - own)


def flat(name: str) -> str:
    """A table's name for the engine, which knows no layers."""
    return name.replace(".", "__")


def _flattened(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Table) and node.db:
        alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(node.name))
        return exp.Table(this=exp.to_identifier(flat(f"{node.db}.{node.name}")), alias=alias)
    if isinstance(node, exp.Column) and node.args.get("db"):
        return exp.column(node.name, table=node.table)
    return node


def rows(conf: Conf, text: str, as_of: date | None = None) -> list[dict[str, Any]]:
    """The query's rows as dictionaries, for small answers."""
    records: list[dict[str, Any]] = Reader(conf.profile.path(conf.profile.lake), as_of).sql(text).to_pylist()
    return records
