"""Two states of what a job's result depends on, and in words what is different between them."""

from collections.abc import Mapping

from lakehouse.runs.job_parts import LEARNED

MOST_NAMED = 3
KINDS = ("setting ", "export ", "contract ", "suite ", "pin ", "file ")
UNKNOWN = "an earlier version of the lakehouse made it, and did not record by what"


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Names of the parts that differ, settings first; code that only moved is not among them."""
    differ = {name for name in before.keys() & now.keys() if before[name] != now[name]}
    gone, new = before.keys() - now.keys(), now.keys() - before.keys()
    moved_from = {(_own_name(name), before[name]) for name in gone if _is_code(name)}
    moved_to = {(_own_name(name), now[name]) for name in new if _is_code(name)}
    moved = moved_from & moved_to
    differ |= {name for name in gone if (_own_name(name), before[name]) not in moved}
    differ |= {name for name in new if (_own_name(name), now[name]) not in moved}
    return sorted(differ - {LEARNED}, key=lambda name: (_is_code(name), _counts(name, before, now), name))


def sentence(before: Mapping[str, str] | None, now: Mapping[str, str]) -> str:
    """Why a job is rebuilt.

    Args:
        before: the parts of its last good run; None where they were not recorded.
    """
    start = "its code or configuration changed: "
    if before is None:
        return start + UNKNOWN
    names = changed(before, now) or ["what its functions call"]
    more = len(names) - MOST_NAMED
    return start + ", ".join(map(plain, names[:MOST_NAMED])) + (f" and {more} more" if more > 0 else "")


def plain(name: str) -> str:
    """A part as people read it: code without the folder that it is in."""
    return name.removeprefix("jobs.") if _is_code(name) else name


def _counts(name: str, before: Mapping[str, str], now: Mapping[str, str]) -> int:
    """What is in both goes before what is new, and that before what is gone."""
    return 0 if name in before and name in now else (1 if name in now else 2)


def _is_code(name: str) -> bool:
    return not name.startswith(KINDS) and name != LEARNED


def _own_name(name: str) -> str:
    return name.rpartition(".")[2]
