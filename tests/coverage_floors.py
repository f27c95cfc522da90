"""How much of each wing the tests run, against its floor: `python -m tests.coverage_floors` after `pytest --cov`."""

import sys
from pathlib import Path

import coverage

FLOORS = {  # percent of lines, by the first wing that a file lies in; one that does better may be asked for more
    "lakehouse/ops": 85,
    "lakehouse/runs": 85,
    "lakehouse/cli": 75,
    "lakehouse": 88,
    "jobs/landing": 90,
    "jobs/bronze": 88,
    "jobs/silver": 93,
    "jobs/identity": 92,
    "jobs/gold": 93,
    "jobs/models": 92,
    "jobs/activation": 92,
    "jobs/report": 65,
    "jobs/upkeep": 55,
}


def shares(data: coverage.Coverage) -> dict[str, float]:
    """Percent of the lines of each wing that ran."""
    run, lines = dict.fromkeys(FLOORS, 0), dict.fromkeys(FLOORS, 0)
    for name in data.get_data().measured_files():
        path = Path(name).relative_to(Path.cwd()).as_posix()
        wing = next((wing for wing in FLOORS if path.startswith(f"{wing}/")), None)
        if wing and name.endswith(".py") and Path(name).is_file():  # templates count as files, too, and are no Python
            _, statements, _, missing, _ = data.analysis2(name)
            lines[wing] += len(statements)
            run[wing] += len(statements) - len(missing)
    return {wing: 100 * run[wing] / lines[wing] if lines[wing] else 0.0 for wing in FLOORS}


def main() -> int:
    """Print each wing; 1 when one is below its floor."""
    data = coverage.Coverage()
    data.load()
    measured = shares(data)
    for wing, share in measured.items():
        print(f"{'ok   ' if share >= FLOORS[wing] else 'BELOW'} {wing:16} {share:5.1f} % (floor {FLOORS[wing]} %)")
    return int(any(share < FLOORS[wing] for wing, share in measured.items()))


if __name__ == "__main__":
    sys.exit(main())
