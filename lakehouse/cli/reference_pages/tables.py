"""The pages of tables: a page for each layer, each table with its grain, version and columns."""

from itertools import groupby

from lakehouse.cli.reference_pages import markdown
from lakehouse.contracts.contract import Column, Contract, Contracts
from lakehouse.runs import graph

INTRO = (
    "Made from the contracts in `conf/contracts`; `lakehouse tables TABLE` shows the same beside what the table holds."
)


def pages(contracts: Contracts) -> dict[str, str]:
    """File name -> Markdown, a page for each layer."""
    writers = {table: job for job in graph.jobs() for table in job.writes}
    layers = groupby(sorted(contracts), key=lambda table: table.split(".")[0])
    return {
        f"tables/{layer}.md": markdown.page(
            f"Tables of {layer}", INTRO, *(_table(contracts[table], writers.get(table)) for table in names)
        )
        for layer, names in layers
    }


def _table(contract: Contract, writer: graph.Job | None) -> str:
    reads = ", ".join(f"`{table}`" for table in writer.reads) if writer else ""
    made = f" Made by `{writer.module}`{f' from {reads}' if reads else ''}." if writer else ""
    rows = [(f"`{c.name}`", f"`{c.type}`", _role(c), _meaning(c)) for c in contract.columns]
    columns = markdown.table(("column", "type", "role", "meaning"), rows)
    grain = markdown.sentence(markdown.cell(contract.description))
    return f"## {contract.table}\n\n{grain} Version {contract.version}.{made}\n\n{columns}"


def _role(column: Column) -> str:
    role = "key" if column.key else ("required" if column.required else "")
    return ", ".join(text for text in (role, "personal" if column.personal else "") if text)


def _meaning(column: Column) -> str:
    return f"{column.description} (one of {', '.join(column.enum)})" if column.enum else column.description
