"""Run as a module: `python -m tests.crash`."""

from tests.crash.main import main

main()
