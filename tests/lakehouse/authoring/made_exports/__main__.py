"""Writes all cases as folders with EXPECTED.md, for `python -m benchmarks.exports --cases DIR`."""

import sys
from pathlib import Path

from tests.lakehouse.authoring.made_exports import CASES


def main(folder: Path) -> None:
    """Write them."""
    for made in CASES:
        for name, data in made.files.items():
            path = folder / made.name / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    table = ["| case | what it is | expected |", "|---|---|---|", *(made.row() for made in CASES)]
    (folder / "EXPECTED.md").write_text("\n".join(table) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
