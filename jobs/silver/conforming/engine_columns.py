"""What the engine fills in a unit where its target maps nothing: channel, numbers, version, account."""

from collections.abc import Callable

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.silver.conforming.sources import Source
from lakehouse.config.exports import Account
from lakehouse.contracts.contract import Contract
from lakehouse.sql import expressions
from lakehouse.sql.literal import identifier


def defaults(
    source: Source, contract: Contract, secret: Callable[[], str], lines: Column | None = None
) -> dict[str, Column]:
    """What the engine fills where the target maps nothing."""
    grouping = bool(source.target.group_by)
    line = F.min("_source_line") if grouping else F.col("_source_line")
    item = F.min("_item") if grouping else F.col("_item")
    number = (item + 1) if source.target.explode else line
    filled = {"channel": F.lit(source.export.channel), "line_number": number}
    if grouping:
        filled["line_count"] = F.sum(F.lit(1) if lines is None else lines)
    filled |= version_columns(source)
    account = source.target.account or source.export.account
    if account:
        key = F.expr(f"CAST(({expressions.expand(account.key)}) AS STRING)")
        filled["account_id"] = account_column(source, account, F.min(key) if grouping else key, secret)
        filled["account_key"] = F.trim(F.min(key) if grouping else key)
    if contract.publish_mode == "append":  # events that their export does not number: by file and line
        place = [F.lit(source.export.channel), F.lit(":"), F.substring("_file_id", 1, 16), F.lit("-"), line]
        filled[contract.key[0]] = F.concat(*place, *([F.lit("-"), number] if source.target.explode else []))
    return filled


def version_columns(source: Source) -> dict[str, Column]:
    """What the export's `version` says, as a number (of a time: its seconds since 1970) and as a time."""
    said = source.export.version
    if not said:
        return {}
    sql = identifier(said) if said in source.export.columns else expressions.expand(said)
    number = f"coalesce(try_cast(({sql}) AS DECIMAL(24, 6)), unix_micros(try_cast(({sql}) AS TIMESTAMP)) / 1000000)"
    made = {"version_number": F.expr(number), "updated_at": F.expr(sql), "recorded_at": F.expr(sql)}
    return {name: F.max(value) if source.target.group_by else value for name, value in made.items()}


def account_column(source: Source, account: Account, key: Column, secret: Callable[[], str]) -> Column:
    """account_id by the account rule; NULL for a guest."""
    channel = F.lit(source.export.channel)
    if account.channel:
        channel = F.expr(f"CAST(({expressions.expand(account.channel)}) AS STRING)")
        channel = F.min(channel) if source.target.group_by else channel
    return expressions.account_id(channel, key, account.personal, secret() if account.personal else "")
