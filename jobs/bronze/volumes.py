"""Bronze: whether tonight's files of each export are about as large as usual, before anything is made of them.

A hundredth of the usual is an outage at the sender, twenty times as much is a file delivered over and over: both would
go into ids, figures and messages. The lines are kept, and everything from identity on stays as last night left it until
a corrected file comes or a person accepts the volume.

Reads   ops.files
Writes  ops.volumes, one row per export that delivered in a night, and one per acceptance
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from jobs.bronze.settings.volumes import Settings
from lakehouse.errors import GateError
from lakehouse.lake.lake import Lake
from lakehouse.ops import tables as ops_tables
from lakehouse.ops import volumes

READS = ("ops.files",)
READS_PREVIOUS = ("ops.volumes",)
WRITES = "ops.volumes"
CONF = "volumes"
HOLDS = ("identity", "gold", "activation", "models")
COLUMNS = ["seq", "run_date", "path", "export", "state", "delivery_date", "landed_bytes", "reason"]
READ_AGAIN = "read again"  # how landing's reason begins for a file that was delivered before


@dataclass(frozen=True)
class Volume:
    """What an export delivered in one night: bytes of text per delivered day, and what that usually is."""

    export: str
    bytes_a_day: float
    usual: float | None
    is_usual: bool


def run(lake: Lake, run_date: date, settings: Settings) -> None:
    """Compare each export's files with those of its earlier nights.

    Raises:
        GateError: an export's volume is far from the usual and nobody accepted it.
    """
    nights = bytes_by_night(ops_tables.read(lake.path("ops.files"), COLUMNS))
    accepted = volumes.accepted(lake.root, run_date)
    found = [judged(export, by_night, run_date, settings) for export, by_night in sorted(nights.items())]
    tonight = [volume for volume in found if volume is not None]
    held = [v for v in tonight if not v.is_usual and not volumes.covers(accepted.get(v.export), v.bytes_a_day)]
    lake.record(WRITES, [_row(lake, run_date, volume, volume in held) for volume in tonight])
    if held:
        lake.flush(WRITES)
        raise GateError(*_refusal(held))


def bytes_by_night(events: Iterable[dict[str, Any]]) -> dict[str, dict[date, float]]:
    """Export -> night -> bytes of landed text per delivered day; the newest event of a path counts.

    A file that is read again because its YAML changed was delivered before.
    """
    delivered = [event for event in events if not str(event["reason"] or "").startswith(READ_AGAIN)]
    newest = {event["path"]: event for event in sorted(delivered, key=lambda event: event["seq"])}
    sizes: dict[str, dict[date, dict[date | None, int]]] = {}
    for event in newest.values():
        if event["state"] == "received":
            days = sizes.setdefault(event["export"], {}).setdefault(event["run_date"], {})
            days[event["delivery_date"]] = days.get(event["delivery_date"], 0) + (event["landed_bytes"] or 0)
    return {
        export: {night: sum(days.values()) / len(days) for night, days in nights.items()}
        for export, nights in sizes.items()
    }


def judged(export: str, nights: dict[date, float], run_date: date, settings: Settings) -> Volume | None:
    """Tonight's volume beside that of earlier nights; None where the export delivered nothing tonight.

    An export whose nights differ widely by nature is only held when tonight is far beyond all of them.
    """
    if run_date not in nights:
        return None
    tonight = nights[run_date]
    before = [size for night, size in sorted(nights.items()) if night < run_date][-settings.nights_back :]
    if len(before) < settings.nights_needed:
        return Volume(export, tonight, None, is_usual=True)
    usual, factor = float(median(before)), settings.beyond_all_others
    is_few = tonight <= usual * settings.lowest_share and tonight * factor < min(before)
    is_many = tonight >= usual * settings.highest_times and tonight > factor * max(before)
    is_small = max(usual, tonight) < settings.smallest_kilobytes * 1024
    return Volume(export, tonight, usual, is_usual=is_small or not (is_few or is_many))


def _row(lake: Lake, run_date: date, volume: Volume, is_held: bool) -> dict[str, Any]:
    verdict = "held" if is_held else volumes.ACCEPTED if not volume.is_usual else "usual"
    return {
        "run_id": lake.run.run_id,
        "run_date": run_date,
        "export": volume.export,
        "bytes_a_day": round(volume.bytes_a_day),
        "usual_bytes_a_day": None if volume.usual is None else round(volume.usual),
        "verdict": verdict,
    }


def _refusal(held: list[Volume]) -> tuple[str, str, str]:
    figures = "; ".join(f"{v.export}: {v.bytes_a_day:,.0f} bytes a delivered day, usually {v.usual:,.0f}" for v in held)
    names = " ".join(volume.export for volume in held)
    remedy = (
        "deliver the right files into the same day's folder and run the night again; or, if that is what was sold, "
        f"say so: lakehouse accept-volume {names} --reason '...' --steward NAME, and run the night again"
    )
    return f"far from the usual volume: {figures}; identity and gold stay at last night's version", WRITES, remedy
