"""A column's lineage as text: a tree back to the exports' columns, or on to what is made of it."""

from collections.abc import Iterator

from lakehouse.authoring.lineage.graph import Graph, Sources, ends
from lakehouse.config.findings import nearest
from lakehouse.errors import ConfigError


def links(graph: Graph, is_down: bool) -> Sources:
    """Column -> what it is made of; or, on the way down, what is made of it."""
    return graph.users() if is_down else graph.sources


def known_name(graph: Graph, name: str) -> str:
    """The column as the graph has it: a table's, or an export's as `pos_sales.CARD_NO`.

    Raises:
        ConfigError: there is none, with the nearest.
    """
    for whole in (name, f"bronze.{name}"):
        if whole in graph.sources:
            return whole
    raise ConfigError(f"there is no column '{name}'", "", nearest(name, graph.sources))


def columns_of(graph: Graph, table: str) -> list[str]:
    """The columns of a table, if `table` is one."""
    return [name for name in graph.sources if name.startswith(f"{table}.")]


def lines(graph: Graph, name: str, is_down: bool = False) -> Iterator[str]:
    """The tree, one line per column; what stood before is not unfolded again."""
    yield shown(graph, name, is_down)
    yield from _below(graph, links(graph, is_down), name, "", {name}, is_down)


def _below(graph: Graph, of: Sources, name: str, margin: str, seen: set[str], is_down: bool) -> Iterator[str]:
    following = of.get(name, ())
    for place, one in enumerate(following):
        is_last = place == len(following) - 1
        is_again = one in seen and bool(of.get(one))
        yield f"{margin}{'└─ ' if is_last else '├─ '}{shown(graph, one, is_down)}{' (see above)' if is_again else ''}"
        if not is_again:
            seen.add(one)
            yield from _below(graph, of, one, margin + ("   " if is_last else "│  "), seen, is_down)


def shown(graph: Graph, name: str, is_down: bool = False) -> str:
    """A column with what a reader should know of it."""
    notes = ["personal"] if name in graph.personal else []
    if name in graph.unfilled:
        notes.append("no export fills it")
    elif not is_down and not graph.sources.get(name) and not name.startswith("bronze."):
        notes.append("of the run itself")
    return label(name) + (f" [{', '.join(notes)}]" if notes else "")


def label(name: str) -> str:
    """A column's name; that of an export says so."""
    layer, _, rest = name.partition(".")
    return f"export {rest}" if layer == "bronze" else name


def summary(graph: Graph, table: str) -> Iterator[str]:
    """One line per column of a table: from which columns it comes in the end."""
    for name in columns_of(graph, table):
        found = sorted(ends(graph, name) - {name})
        yield f"{shown(graph, name)}{' <- ' if found else ''}{', '.join(label(one) for one in found)}"
