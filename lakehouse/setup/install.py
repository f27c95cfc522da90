"""Make a fresh clone ready: run the steps that are pending, say how far it is, and stop with a remedy."""

import sys
import time

from lakehouse.errors import MachineError
from lakehouse.ops import file_modes
from lakehouse.setup.places import here
from lakehouse.setup.progress import pending, run
from lakehouse.setup.steps import all_steps


def main(arguments: list[str]) -> int:
    """Run what is pending; returns 0, or 3 when the machine lacks something."""
    file_modes.keep_private()
    places = here()
    if "--force" in arguments:
        places.stamps.unlink(missing_ok=True)
    started = time.monotonic()
    try:
        steps = pending(all_steps(places), places)
        if not steps:
            return 0
        print(f"Set-up of {places.root}: {len(steps)} steps, three to four minutes; logs in var/logs", flush=True)
        run(steps, places, say=lambda line: print(line, flush=True))
    except MachineError as fault:
        print(f"\nSet-up stopped. {fault.paragraph()}", file=sys.stderr)
        return fault.exit_code
    except KeyboardInterrupt:
        print("\nSet-up was interrupted; the same command goes on where it stopped.", file=sys.stderr)
        return 130
    print(f"Ready after {time.monotonic() - started:.0f} s.")
    return 0
