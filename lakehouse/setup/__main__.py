"""`python3.11 -m lakehouse.setup [--force]`: make a fresh clone ready; done in well under a second when it is.

Any Python 3 can read this file, so that a wrong one gets the remedy and not a syntax error.
"""

import sys

if sys.version_info[:2] != (3, 11):
    sys.stderr.write(
        f"Set-up stopped. {sys.executable}: Python {sys.version_info[0]}.{sys.version_info[1]} was called, "
        "3.11 is needed. Install Python 3.11 (Debian 12: `apt-get install python3.11 python3.11-venv`, "
        "anywhere: pyenv or uv) and run `make PYTHON=/path/to/python3.11 setup`.\n"
    )
    sys.exit(3)

if __name__ == "__main__":
    from lakehouse.setup.install import main

    sys.exit(main(sys.argv[1:]))
