"""The application that spark-submit runs: one step of a night, or a driver that the steps of a night share.

submit.py STEP --night ID [--run-date D] [--conf DIR]...
submit.py --serve SOCKET STAMP
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lakehouse.cli.main import main
from lakehouse.cli.serve import asked_to_serve

if __name__ == "__main__":
    served = asked_to_serve(sys.argv[1:])
    sys.exit(main(["run", *sys.argv[1:]]) if served is None else served)
