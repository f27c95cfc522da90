"""Data Docs from recorded verdicts."""

from pathlib import Path

from jobs.report.page import data_docs
from lakehouse.lake.lake import Lake
from tests.conftest import RUN_DATE


def test_the_start_page_lists_the_judged_tables_without_scripts(lake: Lake, tmp_path: Path) -> None:
    lake.publish("gold.segments", lake.empty("gold.segments"), RUN_DATE)
    lake.flush()

    data_docs.build(lake.path("ops.quality"), RUN_DATE, tmp_path / "docs")

    start = (tmp_path / "docs" / "index.html").read_text()
    (page,) = (tmp_path / "docs" / "validations").rglob("gold.segments.html")
    assert f'<a href="{page.relative_to(tmp_path / "docs").as_posix()}">gold.segments</a>' in start


def test_a_night_without_verdicts_has_no_site(tmp_path: Path) -> None:
    building = data_docs.waiting()
    data_docs.told(building, str(tmp_path / "no date"), RUN_DATE, tmp_path / "docs")
    data_docs.finished(building)  # nothing was judged: nothing to build
    assert not (tmp_path / "docs").exists()


def test_a_builder_that_is_never_told_anything_ends_with_the_night_that_started_it() -> None:
    data_docs.finished(data_docs.waiting())  # its standard input is closed, as by the end of the process
