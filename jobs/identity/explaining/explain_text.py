"""An explanation on the terminal."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from jobs.identity.explaining.explain import Explanation, Tie
from jobs.identity.explaining.waterfall import Bar

BAR_BITS = 0.75  # bits per block of the drawn bar
MOST_BLOCKS = 24


def show(found: Explanation, console: Console, show_values: bool) -> None:
    """Print members, ties, near misses and history; compared values only where they are asked for."""
    for customer_id, day in found.path[:-1]:
        console.print(f"{customer_id} was merged on {day}")
    console.print(f"[bold]Customer {found.customer_id}[/bold]: {counted(len(found.members), 'account')}")
    console.print(_members(found))
    if found.ties:
        console.print("[bold]What holds them together[/bold]")
    for tie in found.ties:
        console.print(_tie(tie, show_values))
    if found.near:
        console.print("[bold]What nearly matched, and why not[/bold]")
    else:
        console.print(f"No other account came nearer than {found.keep_bits:g} bits.")
    for tie in found.near:
        console.print(f"customer {tie.other_customer}: {escape(tie.verdict)}")
        console.print(_tie(tie, show_values))
    console.print(_history(found))


def counted(number: int, thing: str) -> str:
    """1 account, 2 accounts."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def percent(probability: float) -> str:
    """A probability as a percentage that never claims to be certain."""
    return ">99.99 %" if probability > 0.9999 else "<0.01 %" if probability < 0.0001 else f"{probability * 100:.2f} %"


def called(bar: Bar) -> str:
    """A bar's name for people."""
    return bar.name.replace("_", " ") + (": rarity" if bar.kind == "rarity" else "")


def _members(found: Explanation) -> Table:
    table = Table("account", "channel", "since", "held to", "bits", header_style="bold")
    for row in found.members:
        tie = held_by(found, row["account_id"])
        held = "" if tie is None else tie.right if tie.left == row["account_id"] else tie.left
        bits = "" if tie is None else f"{tie.weight:+.1f}"
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


def held_by(found: Explanation, account_id: str) -> Tie | None:
    """The strongest pair that holds an account to the rest; None for one alone."""
    ties = [tie for tie in found.ties if account_id in (tie.left, tie.right)]
    return max(ties, key=lambda tie: tie.weight, default=None)


def _tie(tie: Tie, show_values: bool) -> Table:
    title = f"{tie.left}  -  {tie.right}: {tie.weight:+.1f} bits ({percent(tie.probability)}); {tie.rule}"
    table = Table("evidence", "level", "bits", "", title=escape(title), title_justify="left", header_style="bold")
    if show_values:
        table.add_column("left")
        table.add_column("right")
    for bar in tie.bars:
        if bar.bits or bar.values != (None, None):
            blocks = "█" * min(round(abs(bar.bits) / BAR_BITS), MOST_BLOCKS)
            colour = "green" if bar.bits > 0 else "red"
            values = [escape(value or "") for value in bar.values] if show_values else []
            if bar.level != "not known" or show_values:
                table.add_row(
                    escape(called(bar)), escape(bar.level), f"{bar.bits:+.1f}", f"[{colour}]{blocks}[/]", *values
                )
    table.add_row("together", "", f"{tie.weight:+.1f}", "")
    return table


def _history(found: Explanation) -> Table:
    table = Table("night", "event", "id", "other id", "reason", title="History", title_justify="left")
    for event in found.events:
        table.add_row(
            *[escape(str(event[name])) for name in ("run_date", "event", "customer_id", "other_customer_id", "reason")]
        )
    return table
