"""An explanation on the terminal."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from jobs.identity.explaining.explain import Edge, Explanation
from jobs.identity.explaining.waterfall import Bar

BAR_BITS = 0.75  # bits per block of the drawn bar
MOST_BLOCKS = 24


def show(explanation: Explanation, console: Console, show_values: bool) -> None:
    """Print members, edges, near misses and history; compared values only where they are asked for."""
    for customer_id, day in explanation.path[:-1]:
        console.print(f"{customer_id} was merged on {day}")
    console.print(f"[bold]Customer {explanation.customer_id}[/bold]: {counted(len(explanation.members), 'account')}")
    console.print(_members(explanation))
    if explanation.edges:
        console.print("[bold]What holds them together[/bold]")
    for edge in explanation.edges:
        console.print(_edge(edge, show_values))
    if explanation.near:
        console.print("[bold]What nearly matched, and why not[/bold]")
    else:
        console.print(f"No other account came nearer than {explanation.least_kept_bits:g} bits.")
    for edge in explanation.near:
        console.print(f"customer {edge.other_customer}: {escape(edge.reason)}")
        console.print(_edge(edge, show_values))
    console.print(_history(explanation))


def counted(number: int, thing: str) -> str:
    """1 account, 2 accounts."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def percent(probability: float) -> str:
    """A probability as a percentage that never claims to be certain."""
    return ">99.99 %" if probability > 0.9999 else "<0.01 %" if probability < 0.0001 else f"{probability * 100:.2f} %"


def called(bar: Bar) -> str:
    """A bar's name for people."""
    return bar.name.replace("_", " ") + (": rarity" if bar.kind == "rarity" else "")


def _members(explanation: Explanation) -> Table:
    table = Table("account", "channel", "since", "held to", "bits", header_style="bold")
    for row in explanation.members:
        edge = held_by(explanation, row["account_id"])
        held = "" if edge is None else edge.right if edge.left == row["account_id"] else edge.left
        bits = "" if edge is None else f"{edge.weight:+.1f}"
        table.add_row(
            *map(
                escape,
                (
                    row["account_id"],
                    row["channel"],
                    str(row["arrived_on"]),
                    held or row["match_rule"].replace("_", " "),
                    bits,
                ),
            )
        )
    return table


def held_by(explanation: Explanation, account_id: str) -> Edge | None:
    """The strongest pair that holds an account to the rest; None for one alone."""
    edges = [edge for edge in explanation.edges if account_id in (edge.left, edge.right)]
    return max(edges, key=lambda edge: edge.weight, default=None)


def _edge(edge: Edge, show_values: bool) -> Table:
    title = f"{edge.left}  -  {edge.right}: {edge.weight:+.1f} bits ({percent(edge.probability)}); {edge.rule}"
    table = Table("evidence", "level", "bits", "", title=escape(title), title_justify="left", header_style="bold")
    if show_values:
        table.add_column("left")
        table.add_column("right")
    for bar in edge.bars:
        if bar.bits or bar.values != (None, None):
            blocks = "█" * min(round(abs(bar.bits) / BAR_BITS), MOST_BLOCKS)
            colour = "green" if bar.bits > 0 else "red"
            values = [escape(value or "") for value in bar.values] if show_values else []
            if bar.level != "not known" or show_values:
                table.add_row(
                    escape(called(bar)), escape(bar.level), f"{bar.bits:+.1f}", f"[{colour}]{blocks}[/]", *values
                )
    table.add_row("together", "", f"{edge.weight:+.1f}", "")
    return table


def _history(explanation: Explanation) -> Table:
    table = Table("night", "event", "id", "other id", "reason", title="History", title_justify="left")
    for event in explanation.events:
        table.add_row(
            *[escape(str(event[name])) for name in ("run_date", "event", "customer_id", "other_customer_id", "reason")]
        )
    return table
