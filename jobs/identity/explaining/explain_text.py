"""An explanation on the terminal: ids stand on lines of their own, whole at any width, and never in a table."""

from functools import partial

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from jobs.identity.explaining.explain import Edge, Explanation
from jobs.identity.explaining.holding import called, held_by, numbers, other_end, what_agrees

MOST_SIGNS = 10  # of a drawn bar, on either side of the middle
LEAST_BITS = 1.0  # that a sign stands for


def show(explanation: Explanation, console: Console, show_values: bool) -> None:
    """Print members, edges, near misses and history; compared values only where they are asked for."""
    line = partial(console.print, soft_wrap=True, highlight=False)
    for customer_id, day in explanation.path[:-1]:
        line(f"{customer_id} was merged on {day}")
    line(f"[bold]Customer {explanation.customer_id}[/bold]: {counted(len(explanation.members), 'account')}")
    for text in _members(explanation):
        line(text)
    if explanation.edges:
        line("\n[bold]What holds them together[/bold] (bits: - against one person, + for it)")
    for edge in explanation.edges:
        _show_edge(edge, console, show_values)
    if explanation.near:
        line("\n[bold]What nearly matched, and why not[/bold]")
    else:
        line(f"No other account came nearer than {explanation.least_kept_bits:g} bits.")
    for edge in explanation.near:
        line(f"customer {edge.other_customer}: {escape(edge.reason)}")
        _show_edge(edge, console, show_values)
    line("\n[bold]History[/bold]")
    for event in explanation.events:
        into = f" {event['other_customer_id']}" if event["other_customer_id"] else ""
        line(escape(f"{event['run_date']}  {event['event']}  {event['customer_id']}{into}  {event['reason'] or ''}"))


def counted(number: int, thing: str) -> str:
    """1 account, 2 accounts."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def percent(probability: float) -> str:
    """A probability as a percentage that never claims to be certain."""
    return ">99.99 %" if probability > 0.9999 else "<0.01 %" if probability < 0.0001 else f"{probability * 100:.2f} %"


def _members(explanation: Explanation) -> list[str]:
    number = numbers(explanation)
    lines = []
    for row in explanation.members:
        account, edge = row["account_id"], held_by(explanation, row["account_id"])
        how = row["match_rule"].replace("_", " ")
        if edge is not None:
            how = f"held to {number[other_end(edge, account)]} by {edge.weight:+.1f} bits: {what_agrees(edge)}"
        asked = "  <- asked about" if account == explanation.account else ""
        lines += [escape(f"{number[account]:>3}  {account}{asked}"), escape(f"     since {row['arrived_on']}; {how}")]
    return lines


def drawn(bits: float, bits_a_sign: float) -> str:
    """A bar: minus signs left of the middle, or plus signs right of it."""
    signs = min(round(abs(bits) / bits_a_sign), MOST_SIGNS)
    against, for_ = ("-" * signs, "") if bits < 0 else ("", "+" * signs)
    return f"{against:>{MOST_SIGNS}}|{for_:<{MOST_SIGNS}}"


def _show_edge(edge: Edge, console: Console, show_values: bool) -> None:
    told = f"{edge.left}\n{edge.right}\n{edge.weight:+.1f} bits ({percent(edge.probability)}); {edge.rule}"
    console.print("\n" + escape(told), soft_wrap=True, highlight=False)
    columns = ["evidence", "level", "bits", f"{'against':>{MOST_SIGNS}}|for"]
    table = Table(*columns, box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.columns[2].justify, table.columns[3].no_wrap = "right", True
    if show_values:
        for side in ("left", "right"):
            table.add_column(side, overflow="fold")
    bits_a_sign = max(LEAST_BITS, max((abs(bar.bits) for bar in edge.bars), default=0.0) / MOST_SIGNS)
    for bar in edge.bars:
        is_shown = show_values if bar.level == "not known" else bar.bits or bar.values != (None, None)
        if is_shown and (bar.bits or bar.values != (None, None)):
            colour = "green" if bar.bits > 0 else "red"
            values = [escape(value or "") for value in bar.values] if show_values else []
            chart = f"[{colour}]{drawn(bar.bits, bits_a_sign)}[/]"
            table.add_row(escape(called(bar)), escape(bar.level), f"{bar.bits:+.1f}", chart, *values)
    table.add_row("together", "", f"{edge.weight:+.1f}", "")
    console.print(table)
