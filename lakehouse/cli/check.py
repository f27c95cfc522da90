"""`lakehouse check`: validate all of conf and preview mapped rows, without Spark.

Exit code 2 when something would stop a night; warnings alone give 0.
"""

import sys

from lakehouse.cli.check_options import Options
from lakehouse.cli.options import conf_of


def run(options: Options) -> int:
    """Print findings, then previews."""
    from lakehouse.authoring import checks as checking
    from lakehouse.cli import check_preview

    conf = conf_of(options)
    found = checking.everything(conf)
    for item in found.findings.items:
        print(f"{'warning' if item.is_warning else 'error'}: {item.line()}", file=sys.stderr)
    errors, warnings = len(found.findings.errors), len(found.findings.items) - len(found.findings.errors)
    print(
        f"{len(found.exports)} exports, {len(found.contracts)} contracts, their suites, settings and profiles: "
        f"{_count(errors, 'error')}, {_count(warnings, 'warning')}"
    )
    if not options.no_preview:
        check_preview.show(conf, found, options)
    return 2 if errors else 0


def _count(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"
