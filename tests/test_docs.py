"""The documentation: every page is reachable, no link leads nowhere, nothing is loaded from elsewhere."""

import re
import tomllib
from pathlib import Path

from lakehouse.cli.commands import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
SITE = tomllib.loads((ROOT / "zensical.toml").read_text())["project"]
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)(#[^)]*)?\)")
COMMAND = re.compile(r"^(?:\$ )?lakehouse ([a-z][a-z-]+)", re.M)


def pages(nav) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    entries = nav.values() if isinstance(nav, dict) else nav
    return [page for entry in entries for page in pages(entry)]


def test_every_written_page_is_in_the_navigation_and_every_entry_exists():
    written = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")}
    assert {page for page in pages(SITE["nav"]) if not page.startswith("reference/")} == written


def test_no_link_between_pages_leads_nowhere():
    sources = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{path.relative_to(ROOT)}: {link.group(1)}"
        for path in sources
        for link in LINK.finditer(path.read_text())
        if not (path.parent / link.group(1)).exists() and not link.group(1).startswith("reference/")
    ]
    assert broken == []


def test_pages_name_only_commands_that_exist():
    sources = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    unknown = {name for path in sources for name in COMMAND.findall(path.read_text()) if name not in COMMANDS}
    assert unknown == set()


def test_the_site_loads_no_font_from_elsewhere():
    assert SITE["theme"]["font"] is False


def test_the_readme_answers_a_question_a_screen():
    sections = re.split(r"^## ", (ROOT / "README.md").read_text(), flags=re.M)[1:]
    assert all(section.splitlines()[0].endswith("?") for section in sections)
    assert max(len(section.splitlines()) for section in sections) <= 45
