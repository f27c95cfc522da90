"""When a message may go out: outside the quiet hours of the day where the customer lives, as the clocks there say."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from jobs.activation.settings.contact_policy import Channel

GOES_OUT = (3, 25)  # hours after the midnight that closes the business day: a night is over, the next has not decided
ANY_HOUR = -1  # of who has no hour of their own
WINDOWS = pa.schema(
    {
        "zone": pa.string(),
        "channel": pa.string(),
        "hour": pa.int32(),
        "send_from": pa.timestamp("us", "UTC"),
        "send_until": pa.timestamp("us", "UTC"),
    }
)


def open_hours(channel: Channel) -> tuple[int, int]:
    """From the end of the quiet hours to their next beginning, within one day."""
    begins, ends = channel.quiet_to_hour, channel.quiet_from_hour
    if channel.quiet_from_hour == channel.quiet_to_hour:
        return 0, 24
    return (begins, ends) if begins < ends else (begins, 24)


def window(channel: Channel, zone: str, day: date) -> tuple[datetime, datetime]:
    """The instants, UTC, between which a message may go out on a day where clocks show `zone`."""
    begins, ends = open_hours(channel)
    return _instant(day, begins, zone), _instant(day, ends, zone)


def from_hour(channel: Channel, zone: str, day: date, hour: int) -> datetime:
    """The instant of an hour, and of one that is quiet the first that is not: quiet hours win."""
    begins, ends = open_hours(channel)
    return _instant(day, hour if begins <= hour < ends else begins, zone)


def _instant(day: date, hour: int, zone: str) -> datetime:
    """An hour on the wall; one that the clocks skip is the hour after, of one that comes twice the first."""
    wall = datetime.combine(day + timedelta(days=hour // 24), time(hour % 24), ZoneInfo(zone))
    return wall.astimezone(UTC)


def local_day(channel: Channel, zone: str, run_date: date, company: str) -> date:
    """The day where the customer lives whose open hours are most within the time in which a night's messages go out.

    Far from the company it is the day before or after the company's: the same day's hours would be past when the night
    is over, or come when the next night has decided.
    """
    midnight = _instant(run_date + timedelta(days=1), 0, company)
    begins, ends = (midnight + timedelta(hours=hours) for hours in GOES_OUT)

    def shared(day: date) -> timedelta:
        first, last = window(channel, zone, day)
        return min(last, ends) - max(first, begins)

    return max((run_date + timedelta(days=n) for n in (1, 0, 2)), key=shared)


def windows(channels: Mapping[str, Channel], zones: Iterable[str], run_date: date, company: str) -> pa.Table:
    """zone, channel, hour that is wished, send_from, send_until on the day on which messages go out.

    Args:
        company: zone of the business day.
    """
    rows: list[dict[str, Any]] = []
    for zone in sorted({*zones, company}):
        for name, channel in channels.items():
            day = local_day(channel, zone, run_date, company)
            ends = window(channel, zone, day)[1]
            for hour in (ANY_HOUR, *range(24)):
                begins = from_hour(channel, zone, day, hour)
                rows.append({"zone": zone, "channel": name, "hour": hour, "send_from": begins, "send_until": ends})
    return pa.Table.from_pylist(rows, WINDOWS)
