"""Landing: what is taken, what waits, what is refused, and that a night run twice changes nothing."""

import gzip
import hashlib
import io
import os
import time
import zipfile
from collections.abc import Callable
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.bronze.setting_aside.unreadable import lost, refusals
from tests.landing.conftest import Company

TEXT = "order_id,city\n1,Köln\n2,北京\n"
State = Callable[..., tuple[str, str]]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", TEXT),
        ("utf-8-sig", TEXT),
        ("utf-16", TEXT),
        ("utf-16-le", "order_id,city\n1,Köln\n"),
        ("gb18030", "order_id,city\n1,北京\n2,上海\n"),
        ("big5", "order_id,city\n1,臺北\n2,高雄市\n3,信義區\n"),
        ("cp1252", "order_id,city\n1,Zürich\n2,Málaga\n3,£5\n"),
    ],
)
def test_auto_encoding_decodes_to_utf8_without_a_mark(company: Company, encoding: str, text: str) -> None:
    company.drop("2017-10-01/orders_1.csv", text.encode(encoding))
    (event,) = company.night()
    assert (event["state"], company.landed(event).decode()) == ("received", text)


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "big5", "latin-1", "utf-16"])
def test_a_named_encoding_is_used(company: Company, encoding: str) -> None:
    text = "order_id,city\n1,Málaga\n" if encoding == "latin-1" else "order_id,city\n1,台北\n"
    company.export("orders", f"encoding: {encoding}")
    company.drop("2017-10-01/orders_1.csv", text.encode(encoding))
    (event,) = company.night()
    assert company.landed(event).decode() == text


def test_a_multibyte_character_across_chunks_is_decoded(company: Company) -> None:
    text = "order_id,city\n" + "1," + "京" * 1_500_000 + "\n"
    for i, encoding in enumerate(["utf-8", "gb18030", "utf-16"]):
        company.drop(f"2017-10-01/orders_{i}.csv", text.encode(encoding))
    assert [company.landed(event).decode() == text for event in company.night()] == [True] * 3


def test_the_file_id_is_the_hash_of_the_bytes_as_delivered(company: Company) -> None:
    packed = gzip.compress(TEXT.encode())
    company.drop("2017-10-01/orders_1.csv.gz", packed)
    (event,) = company.night()
    assert event["file_id"] == hashlib.sha256(packed).hexdigest()
    assert (event["compression"], event["landed_path"]) == ("gzip", f"landing/{event['file_id']}.csv")
    assert company.landed(event).decode() == TEXT


def test_gzip_of_several_members_and_zip_of_one_file_are_unpacked(company: Company) -> None:
    head, rest = TEXT.encode()[:17], TEXT.encode()[17:]
    company.drop("2017-10-01/orders_1.gz", gzip.compress(head) + gzip.compress(rest) + b"\0" * 10)
    company.drop("2017-10-01/orders_2.zip", zipped({"a.csv": TEXT.encode()}))
    assert [company.landed(event).decode() for event in company.night()] == [TEXT, TEXT]


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_bomb_is_refused_and_leaves_nothing_behind(company: Company, state: State) -> None:
    bomb = gzip.compress(b"order_id,city\n" + b"1,a\n" * 2_000_000)
    assert state(bomb, ratio_counts_from_megabytes=1) == (
        "refused",
        "it unpacks to more than 200 times its size, as archive bombs do",
    )
    assert list((company.folder / "lake/landing").iterdir()) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (zipped({"a": b"1", "b": b"2"}), "a zip archive of 2 files, none of which an export names: a, b"),
        (zipped({"../a.csv": b"1"}), "a zip archive whose file name tries a path"),
        (gzip.compress(gzip.compress(b"order_id,city\n")), "an archive in an archive"),
        (gzip.compress(b"order_id,city\n")[:-8] + b"xxxxxxxx", "its gzip data is damaged"),
        (b"PK\x03\x04" + b"x" * 50, "its zip data is damaged or of an unusual kind"),
        (b"order_id,note\n1,x\n", "required columns are not there: city"),
        (b"order_id,city,CITY\n1,x,y\n", "columns stand there twice: city"),
        (b"order_id,city\n1,\xe5\x8c\x97\n2,\xe5\n", "line 3 is not utf-8 text"),
        (
            b"order_id,city\n1,a\x00\x00\x00\x00\x00b\n",
            "it holds zero bytes: it is no text, or in an encoding that must be named",
        ),
        (b'order_id,"city\n1,a\n', "its header is not CSV by the export's delimiter and quote"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",  # packed bytes hold the time
)
def test_a_file_that_cannot_be_used_is_refused_with_its_reason(state: State, content: bytes, reason: str) -> None:
    assert state(content) == ("refused", reason)


def test_a_line_too_long_for_text_is_refused(state: State) -> None:
    assert state(b"order_id,city\n1," + b"x" * 5000, max_line_megabytes=0.001)[0] == "refused"


def test_no_link_is_followed_wherever_it_points(company: Company) -> None:
    outside = company.folder / "secret.csv"
    outside.write_text("order_id,city\n1,a\n")
    company.drop("2017-10-01/orders_1.csv", TEXT.encode())
    day = company.folder / "drop/2017-10-01"
    (day / "orders_2.csv").symlink_to(outside)
    (day / "orders_3.csv").symlink_to(day / "orders_1.csv")
    (company.folder / "drop/2017-10-02").symlink_to(company.folder)
    events = {event["path"]: event["state"] for event in company.night()}
    assert events == {
        "2017-10-01/orders_1.csv": "received",
        "2017-10-01/orders_2.csv": "refused",
        "2017-10-01/orders_3.csv": "refused",
        "2017-10-02": "refused",
    }


@pytest.mark.parametrize("name", ["..orders_1.csv", "orders_..\\..\\x.csv", "orders_\n1.csv", "orders_\x1b[31m.csv"])
def test_a_name_that_tries_a_path_or_hides_characters_is_refused(company: Company, name: str) -> None:
    company.drop(f"2017-10-01/{name}", TEXT.encode())
    (event,) = company.night()
    assert event["state"] == "refused"
    assert event["path"].isprintable()


def test_a_pipe_is_refused_and_not_waited_for(company: Company) -> None:
    company.drop("2017-10-01/orders_1.csv", TEXT.encode())
    os.mkfifo(company.folder / "drop/2017-10-01/orders_2.csv")
    assert [event["state"] for event in company.night()] == ["received", "refused"]


def test_a_file_of_no_export_is_unknown_and_one_of_two_exports_is_refused(company: Company) -> None:
    company.export("orders_web")
    company.drop("2017-10-01/holiday.jpg", b"x")
    company.drop("2017-10-01/orders_web_1.csv", TEXT.encode())
    company.drop("loose.csv", b"x")
    company.drop("old/orders_1.csv", b"x")
    assert {event["path"]: (event["state"], event["reason"]) for event in company.night()} == {
        "2017-10-01/holiday.jpg": ("unknown", "no export's files match its name"),
        "2017-10-01/orders_web_1.csv": ("refused", "it matches several exports: orders, orders_web"),
        "loose.csv": ("unknown", "it lies outside a dated folder"),
        "old": ("unknown", "a folder that is not named YYYY-MM-DD"),
    }


def test_the_same_bytes_land_once_under_any_name_and_on_any_night(company: Company) -> None:
    company.drop("2017-10-01/orders_1.csv", TEXT.encode())
    company.drop("2017-10-01/orders_2.csv", TEXT.encode())
    assert [event["state"] for event in company.night()] == ["received", "duplicate"]
    company.drop("2017-10-03/orders_3.csv", TEXT.encode())
    assert [event["state"] for event in company.night(date(2017, 10, 3))] == ["duplicate"]


def test_a_second_night_over_the_same_drop_adds_no_event(company: Company) -> None:
    company.export("slow", "done_marker: '{file}.done'")
    company.drop("2017-10-01/orders_1.csv", TEXT.encode())
    company.drop("2017-10-01/orders_2.csv", TEXT.encode())
    company.drop("2017-10-01/orders_3.csv", b"nothing\n")
    company.drop("2017-10-01/slow_1.csv", TEXT.encode())
    company.drop("2017-10-01/who.csv", b"x")
    states = [event["state"] for event in company.night()]
    assert states == ["received", "duplicate", "refused", "incomplete", "unknown"]
    assert company.night(date(2017, 10, 3)) == []


def test_folders_after_the_run_date_wait_for_their_night(company: Company) -> None:
    company.drop("2017-10-02/orders_1.csv", TEXT.encode())
    company.drop("2017-10-03/orders_2.csv", b"order_id,city\n9,a\n")
    assert [event["path"] for event in company.night(date(2017, 10, 2))] == ["2017-10-02/orders_1.csv"]
    assert [event["path"] for event in company.night(date(2017, 10, 3))] == ["2017-10-03/orders_2.csv"]


def test_a_file_waits_for_its_done_marker_and_the_marker_is_no_file_of_its_own(company: Company) -> None:
    company.export("orders", "done_marker: '{file}.done'")
    company.drop("2017-10-01/orders_1.csv", TEXT.encode())
    assert [event["state"] for event in company.night()] == ["incomplete"]
    company.drop("2017-10-01/orders_1.csv.done", b"")
    assert [event["state"] for event in company.night(date(2017, 10, 3))] == ["received"]


def test_a_file_that_grows_while_it_is_read_waits(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    from lakehouse.files import delivered as intake

    file = company.drop("2017-10-01/orders_1.csv", TEXT.encode())
    read = intake.chunks

    def growing(handle: io.BufferedReader) -> object:
        for chunk in read(handle):
            yield chunk
            with file.open("ab") as out:
                out.write(b"3,x\n")
            os.utime(file)
            break

    with monkeypatch.context() as patched:
        patched.setattr(intake, "chunks", growing)
        assert [event["state"] for event in company.night()] == ["incomplete"]
    (event,) = company.night()
    assert company.landed(event).decode() == TEXT + "3,x\n" * (company.landed(event).count(b"3,x"))


def test_unfinished_names_and_stamps_from_the_future_wait(company: Company) -> None:
    company.drop("2017-10-01/orders_1.csv.part", TEXT.encode())
    ahead = time.time() + 3600
    os.utime(company.drop("2017-10-01/orders_2.csv", TEXT.encode()), (ahead, ahead))
    company.drop("2017-10-01/orders_3.csv.gz", gzip.compress(TEXT.encode())[:-9])
    assert [event["state"] for event in company.night()] == ["incomplete"] * 3


def test_a_young_file_is_given_the_time_to_rest(company: Company) -> None:
    company.drop("2017-10-01/orders_1.csv", TEXT.encode())
    assert [event["state"] for event in company.night(stable_seconds=0.3)] == ["received"]


def test_a_refused_file_is_judged_again_when_the_export_changes(company: Company) -> None:
    company.drop("2017-10-01/orders_1.csv", b"order_id;city\n1;a\n")
    assert [event["state"] for event in company.night()] == ["refused"]
    company.export("orders", "delimiter: ';'")
    assert [event["state"] for event in company.night()] == ["received"]


def test_a_corrected_file_under_the_same_name_is_taken(company: Company) -> None:
    company.drop("2017-10-01/orders_1.csv", b"order_id,city\n1,a\n")
    company.night()
    company.drop("2017-10-01/orders_1.csv", b"order_id,city\n1,b\n2,c\n")
    assert [event["state"] for event in company.night()] == ["received"]


def test_an_empty_file_is_received(state: State) -> None:
    assert state(b"") == ("received", "")


def test_columns_are_named_as_the_export_names_them_and_new_ones_are_told(company: Company) -> None:
    company.drop("2017-10-01/orders_1.csv", b"City, ORDER_ID,extra,,extra,_malformed,New Col\n")
    (event,) = company.night()
    assert event["columns"] == ["city", "order_id", "extra", "column_4", "extra_2", "__malformed", "New_Col"]
    assert event["extra_columns"] == ["extra", "column_4", "extra_2", "__malformed", "New_Col"]


def test_parts_start_after_the_header_and_at_records_also_with_newlines_in_quotes(company: Company) -> None:
    rows = [f'{i},"a\nb"\n' for i in range(2000)]
    text = 'order_id,"city"\n' + "".join(rows)
    company.drop("2017-10-01/orders_1.csv", text.encode())
    (event,) = company.night(split_megabytes=0.005)
    lines = text.split("\n")
    assert (event["split_starts"][0], event["split_lines"][0]) == (16, 2)
    for start, line in zip(event["split_starts"], event["split_lines"], strict=True):
        assert text[start:].split("\n")[0] == lines[line - 1]
        assert text[start].isdigit()


def test_old_mac_line_ends_become_newlines(company: Company) -> None:
    company.drop("2017-10-01/orders_1.csv", b"order_id,city\r1,a\r")
    (event,) = company.night()
    assert company.landed(event) == b"order_id,city\n1,a\n"


PARQUET = "export: {name}\nchannel: web\nfiles: '{name}_*'\nformat: parquet\ncolumns: {{a: {{}}}}\ntargets: []\n"


def test_parquet_lands_as_it_is_and_must_open_and_have_its_columns(company: Company) -> None:
    company.export("items", text=PARQUET)
    pq.write_table(pa.table({"a": [1]}), company.drop("2017-10-01/items_1.parquet", b""))
    pq.write_table(pa.table({"b": [1]}), company.drop("2017-10-01/items_2.parquet", b""))
    company.drop("2017-10-01/items_3.parquet", b"PAR1 not really")
    assert [(event["state"], event["reason"]) for event in company.night()] == [
        ("received", None),
        ("refused", "required columns are not there: a"),
        ("refused", "it does not open as Parquet"),
    ]


def test_one_json_array_is_refused_as_json_lines(company: Company) -> None:
    company.export("items", text=PARQUET.replace("parquet", "json_lines"))
    company.drop("2017-10-01/items_1.jsonl", b'[{"a": 1}]')
    company.drop("2017-10-01/items_2.jsonl", b'{"a": 1}\n{"b": 2}\n')
    assert [(event["state"], event["columns"]) for event in company.night()] == [
        ("refused", None),
        ("received", ["a", "b"]),
    ]


def test_reasons_hold_nothing_from_the_file(state: State) -> None:
    outcome = state(b"maria@example.org,secret\nx,y\n")
    assert outcome == ("refused", "required columns are not there: order_id, city")


def test_a_file_whose_landed_copy_was_lost_before_bronze_read_it_lands_again_and_is_no_duplicate(company):
    company.drop("2017-10-01/orders_1.csv", b"order_id,city,note\n1,Bern,x\n")
    (event,) = company.night()
    (company.folder / "lake" / event["landed_path"]).unlink()
    lake = company.lake()
    lake.record(
        "ops.files", refusals([event], lost([event], lake.root), {"run_id": "r", "run_date": date(2017, 10, 1)}, 2)
    )
    lake.flush("ops.files")

    (again,) = company.night()

    assert (again["state"], again["seq"]) == ("received", 3)
    assert company.landed(again) == b"order_id,city,note\n1,Bern,x\n"
    assert company.night() == []


def in_zip(content: bytes, name: str = "inside.csv") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


LINES = "order_id,city,note\n1,Bern,x\n2,Zürich,y\n"
WRAPPINGS = {
    "as it was": ("orders_2.csv", LINES.encode()),
    "zipped": ("orders_2.csv.zip", in_zip(LINES.encode())),
    "zipped under another name": ("orders_2.zip", in_zip(LINES.encode(), "export of today.csv")),
    "gzipped": ("orders_2.csv.gz", gzip.compress(LINES.encode())),
    "with a byte order mark": ("orders_2.csv", LINES.encode("utf-8-sig")),
    "with other line ends": ("orders_2.csv", LINES.replace("\n", "\r\n").encode()),
    "without the last line end": ("orders_2.csv", LINES.rstrip("\n").encode()),
    "in UTF-16": ("orders_2.csv", LINES.encode("utf-16")),
}


@pytest.mark.parametrize("first", WRAPPINGS)
@pytest.mark.parametrize("then", WRAPPINGS)
def test_the_same_content_lands_once_under_any_name_and_wrapping(company, first, then):
    name, content = WRAPPINGS[first]
    company.drop(f"2017-10-01/{name.replace('_2', '_1')}", content)
    assert [event["state"] for event in company.night()] == ["received"]

    name, content = WRAPPINGS[then]
    company.drop(f"2017-10-02/{name}", content)
    assert [event["state"] for event in company.night(date(2017, 10, 2))] == ["duplicate"]


@pytest.mark.parametrize("other", ["1,Bern,x\n2,Zürich,z\n", "1,Bern,x\n", "1,Bern,x\n\n\n2,Zürich,y\n3,,\n"])
def test_other_content_in_a_wrapping_is_no_duplicate(company, other):
    company.drop("2017-10-01/orders_1.csv", LINES.encode())
    company.night()
    company.drop("2017-10-02/orders_2.csv.zip", in_zip(f"order_id,city,note\n{other}".encode()))
    assert [event["state"] for event in company.night(date(2017, 10, 2))] == ["received"]
