"""A first reading is not for ever, and bytes that came before count again when the state returned."""

import io
import zipfile
from datetime import date

from tests.landing.conftest import Company

LATIN = "order_id,city\n1,Köln\n2,Zürich\n".encode("cp1252")
THIRD, FOURTH = date(2017, 10, 3), date(2017, 10, 4)


def test_a_corrected_encoding_reads_the_files_again_from_the_bytes_kept(company: Company) -> None:
    company.export("orders", "encoding: cp1251")
    file = company.drop("2017-10-01/orders_1.csv", LATIN)
    (first,) = company.night()
    file.unlink()
    company.export("orders", "encoding: cp1252")

    (again,) = company.night(THIRD)

    assert (again["state"], again["reason"]) == (
        "received",
        "read again: the export's YAML reads its files in another way now",
    )
    assert company.landed(first).decode() != company.landed(again).decode()
    assert company.landed(again).decode() == LATIN.decode("cp1252")
    assert company.night(FOURTH) == []


def test_a_corrected_delimiter_reads_again_and_a_wrong_one_is_refused_until_it_is_mended(company: Company) -> None:
    text = b"order_id;city;note\n1;a,b;x\n"
    company.export("orders", 'delimiter: ";"')
    company.drop("2017-10-01/orders_1.csv", text)
    company.night()
    company.export("orders", 'delimiter: "|"')
    assert [event["state"] for event in company.night(THIRD)] == ["refused"]
    company.export("orders", 'delimiter: ";"')

    assert [event["state"] for event in company.night(FOURTH)] == ["received"]


def test_bytes_that_came_before_are_received_again_when_something_else_came_between(company: Company) -> None:
    no, yes = b"order_id,city\n1,no\n", b"order_id,city\n1,yes\n"
    company.drop("2017-10-01/orders_1.csv", no)
    company.drop("2017-10-02/orders_2.csv", yes)
    company.drop("2017-10-02/orders_3.csv", yes)
    company.drop("2017-10-03/orders_4.csv", no)
    company.drop("2017-10-04/orders_5.csv", no)

    states = [event["state"] for event in company.night(FOURTH)]

    assert states == ["received", "received", "duplicate", "received", "duplicate"]


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_each_file_of_an_archive_belongs_to_the_export_of_its_name(company: Company) -> None:
    company.export("people")
    members = {
        "orders_1.csv": b"order_id,city\n1,a\n",
        "export/people_1.csv": b"order_id,city\n2,b\n",
        "read.me": b"hi",
    }
    company.drop("2017-10-01/all.zip", zipped(members))

    events = {event["path"]: (event["state"], event["export"]) for event in company.night()}

    assert events == {
        "2017-10-01/all.zip/orders_1.csv": ("received", "orders"),
        "2017-10-01/all.zip/export/people_1.csv": ("received", "people"),
        "2017-10-01/all.zip/read.me": ("unknown", None),
    }
    assert [event["path"] for event in company.night(THIRD)] == []


def test_a_bomb_among_an_archives_files_is_refused_alone(company: Company) -> None:
    bomb = b"order_id,city\n" + b"1,a\n" * 2_000_000
    company.drop("2017-10-01/all.zip", zipped({"orders_1.csv": b"order_id,city\n1,a\n", "orders_2.csv": bomb}))
    states = {event["path"][-12:]: event["state"] for event in company.night(ratio_counts_from_megabytes=1)}
    assert states == {"orders_1.csv": "received", "orders_2.csv": "refused"}


def test_what_was_taken_out_is_told(company: Company) -> None:
    company.drop("2017-10-01/orders_1.csv", b"Report\norder_id,city\n1,a\n2,b\x00c\nTotal:,2\n")
    (event,) = company.night()
    assert dict(event["dropped"]) == {"preamble": 1, "nul_bytes": 1, "total": 1}


def test_the_usual_encoding_of_an_export_reads_what_is_too_short_to_tell(company: Company) -> None:
    company.drop("2017-10-01/orders_1.csv", LATIN)
    company.night()
    company.drop("2017-10-02/orders_2.csv", "order_id,city\n1,Mariño\n".encode("cp1252"))
    (event,) = company.night(THIRD)
    assert (event["state"], event["encoding"]) == ("received", "cp1252")
