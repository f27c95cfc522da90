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
    checked = checking.everything(conf)
    items = [item for item in checked.findings.items if not (item.is_warning and _is_packaged(item.where))]
    for item in items:
        print(f"{'warning' if item.is_warning else 'error'}: {item.line()}", file=sys.stderr)
    errors, warnings = len(checked.findings.errors), len(items) - len(checked.findings.errors)
    print(
        f"{len(checked.exports)} exports, {len(checked.contracts)} contracts, their suites, settings and profiles: "
        f"{_count(errors, 'error')}, {_count(warnings, 'warning')}"
    )
    if not options.no_preview:
        check_preview.show(conf, checked, options)
    return 2 if errors else 0


def _is_packaged(where: str) -> bool:
    """Whether a finding is about a packaged file: nothing that the reader of a warning could mend."""
    from lakehouse.config.documents import packaged, shown

    folders = [packaged(name) for name in ("conf", "expectations")]
    return any(where.startswith((f"{shown(folder)}/", f"{folder}/")) for folder in folders)


def _count(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"
