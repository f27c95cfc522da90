"""What conf/contact_policy.yaml says, as tables in memory for queries."""

from datetime import date, timedelta

import pyarrow as pa

from jobs.activation.settings.contact_policy import Cap, Settings
from lakehouse.sql.query import Table

WAYS = pa.schema(
    {
        "purpose": pa.string(),
        "channel": pa.string(),
        "reached_by": pa.string(),
        "needs_consent": pa.bool_(),
        "born_until": pa.date32(),
        "stops_at_open_complaint": pa.bool_(),
        "bounced_after": pa.date32(),
    }
)
CONSENTS = pa.schema({"consent": pa.string(), "purpose": pa.string(), "channel": pa.string()})
CAPS = pa.schema(
    {
        "cap_number": pa.int32(),
        "after": pa.date32(),
        "most": pa.int64(),
        "channel": pa.string(),
        "purpose": pa.string(),
        "said": pa.string(),
    }
)
TYPES = pa.schema({"channel": pa.string(), "interaction_type": pa.string()})
ACCOUNTS = pa.schema({"channel": pa.string(), "account_channel": pa.string()})


def tables(settings: Settings, run_date: date) -> dict[str, Table]:
    """The names that contact queries use, beside those of the lake's tables."""
    return {
        "ways": _ways(settings, run_date),
        "consents_for": _consents(settings),
        "caps": _caps(settings, run_date),
        "bounce_types": _types(settings, "bounced_by"),
        "refusal_types": _types(settings, "refused_by"),
        "contact_types": _types(settings, "contacted_by"),
        "account_channels": pa.Table.from_pylist(
            [
                {"channel": name, "account_channel": of}
                for name, channel in settings.channels.items()
                for of in channel.account_channels
            ],
            ACCOUNTS,
        ),
    }


def years_before(day: date, years: int) -> date:
    """The same day so many years before; the first of March for a 29th of February that is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 3, 1)


def _ways(settings: Settings, run_date: date) -> pa.Table:
    """One row per purpose and channel; born_until is NULL without an age limit."""
    rows = [
        {
            "purpose": purpose_name,
            "channel": channel_name,
            "reached_by": channel.reached_by,
            "needs_consent": purpose.needs_consent,
            "born_until": years_before(run_date, purpose.min_age_years) if purpose.min_age_years else None,
            "stops_at_open_complaint": purpose.stops_at_open_complaint,
            "bounced_after": run_date - timedelta(days=channel.bounced_days),
        }
        for purpose_name, purpose in settings.purposes.items()
        for channel_name, channel in settings.channels.items()
    ]
    return pa.Table.from_pylist(rows, WAYS)


def _consents(settings: Settings) -> pa.Table:
    """Which consent, as exports say it, is for which purpose and channel."""
    rows = [
        {"consent": consent, "purpose": purpose_name, "channel": channel}
        for purpose_name, purpose in settings.purposes.items()
        for consent, channels in purpose.consents.items()
        for channel in channels or settings.channels
    ]
    return pa.Table.from_pylist(rows, CONSENTS)


def _caps(settings: Settings, run_date: date) -> pa.Table:
    """A contact after the day `after` counts; NULL for every channel or purpose."""
    rows = [
        {
            "cap_number": number,
            "after": run_date - timedelta(days=cap.days),  # the night's own day is the last that counts
            "most": cap.most,
            "channel": cap.channel,
            "purpose": cap.purpose,
            "said": _said(cap),
        }
        for number, cap in enumerate(settings.caps)
    ]
    return pa.Table.from_pylist(rows, CAPS)


def _said(cap: Cap) -> str:
    """A cap in words: at most 2 marketing email messages in 7 days."""
    what = filter(None, (cap.purpose, cap.channel, "messages" if cap.most > 1 else "message"))
    return f"at most {cap.most} {' '.join(what)} in {cap.days} {'days' if cap.days > 1 else 'day'}"


def _types(settings: Settings, key: str) -> pa.Table:
    rows = [
        {"channel": name, "interaction_type": kind}
        for name, channel in settings.channels.items()
        for kind in getattr(channel, key)
    ]
    return pa.Table.from_pylist(rows, TYPES)
