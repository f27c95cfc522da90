"""What the files are like: the same bytes each time, in the encodings real companies send."""

import gzip
from pathlib import Path

import pytest

from lakehouse.sample import SampleSummary, write_sample

SMALL = {"nights": 5, "households": 40}


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_runs_give_identical_bytes(tmp_path: Path) -> None:
    for run in ("first", "second"):
        write_sample(tmp_path / run / "drop", **SMALL)
    assert content(tmp_path / "first") == content(tmp_path / "second")


def test_fewer_nights_are_the_beginning_of_more(tmp_path: Path) -> None:
    write_sample(tmp_path / "short" / "drop", nights=2, households=40)
    write_sample(tmp_path / "long" / "drop", nights=5, households=40)
    short, long = content(tmp_path / "short"), content(tmp_path / "long")
    assert short.items() <= long.items()
    assert sorted(path.name for path in (tmp_path / "short" / "drop").iterdir()) == [
        "2017-09-30",
        "2017-10-01",
    ]


@pytest.mark.parametrize("nights", [0, 95])
def test_a_night_outside_the_year_is_refused(tmp_path: Path, nights: int) -> None:
    with pytest.raises(ValueError, match="1 to 94"):
        write_sample(tmp_path / "drop", nights=nights)


def test_the_encodings_and_forms_of_real_companies_are_there(company: SampleSummary) -> None:
    first = company.drop / "2017-09-30"
    assert (first / "erp_customers_2017-09-30.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert (first / "call_contacts_2017-09-30.csv").read_text().startswith("phone;surname;")
    assert (first / "erp_products_2017-09-30.parquet").read_bytes().startswith(b"PAR1")
    assert '"lines":[{"line_no":1,' in (first / "eshop_orders_2017-03.jsonl").read_text()
    zipped = (first / "app_events_2017-03.jsonl.gz").read_bytes()
    assert zipped[4:8] == bytes(4)  # gzip's time of writing: none
    assert gzip.decompress(zipped).startswith(b'{"profile_key":')
    with pytest.raises(UnicodeDecodeError):
        (first / "crm_demographics_2017-09-30.csv").read_text(encoding="utf-8")


def test_the_till_sends_a_file_per_store_group_by_month_and_then_by_day(company: SampleSummary) -> None:
    def names(day: str) -> list[str]:
        return sorted(path.name for path in (company.drop / day).glob("pos_sales_*"))

    months = [f"pos_sales_2017-{month:02d}_g{group}.csv" for month in range(1, 10) for group in range(4)]
    assert names("2017-09-30") == months
    assert names("2017-10-01") == [f"pos_sales_2017-10-01_g{group}.csv" for group in range(4)]


def test_every_night_brings_new_people(company: SampleSummary) -> None:
    for folder in sorted(company.drop.iterdir()):
        assert list(folder.glob("lead_list_*")) or list(folder.glob("web_leads_*")), folder.name
    assert len(list(company.drop.iterdir())) == 94


def test_promotions_come_only_on_demand(company: SampleSummary, tmp_path: Path) -> None:
    assert not list(company.drop.rglob("erp_promotions_*"))
    summary = write_sample(tmp_path / "drop", nights=1, with_promotions=True, households=1)
    assert summary.rows["erp_promotions"] == 20_940_529
