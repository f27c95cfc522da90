"""The application that spark-submit runs: one step of a night.

submit.py STEP --night ID [--run-date D] [--conf DIR]...
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lakehouse.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["run", *sys.argv[1:]]))
