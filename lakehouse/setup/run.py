"""`python3.11 -m lakehouse.setup.run nightly | ui | tool NAME ...`: what make calls, in the clone's environment."""

import os
import sys

from lakehouse.errors import LakehouseError
from lakehouse.ops import file_modes
from lakehouse.setup import nightly, ui
from lakehouse.setup.places import Places, environment, here


def tool(places: Places, words: list[str]) -> int:
    """Become a program of the environment; does not return."""
    program = places.program(words[0])
    (places.var / "tmp").mkdir(parents=True, exist_ok=True)
    os.chdir(places.root)
    os.execve(program, [str(program), *words[1:]], environment(places))  # noqa: S606 a program of our own environment


def main(words: list[str]) -> int:
    """Run one of the three; returns its exit code."""
    file_modes.keep_private()
    places = here()
    try:
        if words[:1] == ["nightly"]:
            return nightly.main(places)
        if words[:1] == ["ui"]:
            return ui.main(places)
        if words[:1] == ["tool"] and len(words) > 1:
            return tool(places, words[1:])
    except LakehouseError as error:
        print(error.paragraph(), file=sys.stderr)
        return error.exit_code
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
