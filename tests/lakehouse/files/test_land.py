"""The one reader: whatever form people send, the same rows, and what is no row is counted by name."""

import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from lakehouse.files.delivered import Delivered
from lakehouse.files.land import Landed, land
from lakehouse.files.read_parts import read_parts
from lakehouse.files.refusals import NotTakenError
from lakehouse.files.spec import ColumnSpec, FileSpec, UsualLimits
from lakehouse.files.tasks import parts_of, reading_of

COLUMNS = ("no", "day", "total")
ROWS = [("1", "2024-03-01", "9.99"), ("2", "2024-03-02", "5")]


def spec(format_: str = "csv", columns: tuple[str, ...] = COLUMNS, **more: Any) -> FileSpec:
    return FileSpec(format_, tuple(ColumnSpec(name) for name in columns), **more)


def landed(folder: Path, content: bytes, of: FileSpec, name: str = "x", **limits: Any) -> Landed:
    file = folder / name
    file.write_bytes(content)
    return land(Delivered.of(file), of, folder / "landing", UsualLimits(**limits))


def rows(folder: Path, content: bytes, of: FileSpec, **limits: Any) -> tuple[list[tuple[str, ...]], dict[str, int]]:
    """The rows that parsed and what was taken out."""
    done = landed(folder, content, of, **limits)
    batches = parsed(folder, done, of)
    good = [row for row in batches.to_pylist() if row["_malformed"] is None]
    return [tuple(row[column.name] for column in of.columns) for row in good], done.dropped


def parsed(folder: Path, done: Landed, of: FileSpec) -> pa.Table:
    event = {
        "file_id": done.file_id,
        "path": "x",
        "landed_path": done.name,
        "landed_bytes": done.bytes,
        "columns": done.shape.columns,
        "split_starts": done.shape.starts,
        "split_lines": done.shape.lines,
    }
    names = list(dict.fromkeys([*(column.name for column in of.columns), *done.shape.columns]))
    parts = parts_of(event, str(folder / "landing"))
    return pa.Table.from_batches(read_parts(parts, reading_of(of, 1, 1000), names, foreseen=False))


def refusal(folder: Path, content: bytes, of: FileSpec, **limits: Any) -> tuple[str, str]:
    with pytest.raises(NotTakenError) as refused:
        landed(folder, content, of, **limits)
    return refused.value.reason, refused.value.remedy


TEXT = "no,day,total\n1,2024-03-01,9.99\n2,2024-03-02,5\n"


@pytest.mark.parametrize(
    ("text", "dropped"),
    [
        (TEXT, {}),
        (TEXT.replace("\n", "\r\n"), {}),
        (TEXT.replace("\n", "\r"), {}),
        ("sep=,\n" + TEXT, {"sep_line": 1}),
        ("Sales of March\nPrinted: 2024-04-01\n\n" + TEXT, {"preamble": 2}),
        ('a "stray quote\n' + TEXT, {"preamble": 1}),
        (TEXT + "Total,,14.99\n", {"total": 1}),
        (TEXT + ",,\n\n", {"no_values": 1}),
        (TEXT + "----------\nPage 1 of 1\n", {"ruler": 1, "footer": 1}),
        (TEXT + ",,\n2,record(s) downloaded,from Mar-01-24\nSeller ID : a_shop,,\n", {"no_values": 1, "footer": 2}),
        (TEXT.replace("2,2024", "no,day,total\n2,2024"), {"repeated_header": 1}),
        (TEXT.replace("9.99", "9.99,").replace(",5\n", ",5,\n"), {}),
        (TEXT.replace("9.99", "9.9\x009"), {"nul_bytes": 1}),
        (TEXT.replace("no,day,total", "no,day,total,").replace("9.99", "9.99,").replace("5\n", "5,\n"), {}),
        (TEXT.replace("no,day,total", "no,day,total,"), {}),
    ],
)
def test_what_stands_around_rows_is_taken_out_by_name(tmp_path: Path, text: str, dropped: dict[str, int]) -> None:
    assert rows(tmp_path, text.encode(), spec()) == (ROWS, dropped)


def test_a_cut_off_last_row_is_no_footer(tmp_path: Path) -> None:
    done = landed(tmp_path, (TEXT + "3,2024").encode(), spec())
    broken = [row for row in parsed(tmp_path, done, spec()).to_pylist() if row["_malformed"]]
    assert [(row["_source_line"], row["no"], row["total"]) for row in broken] == [(4, "3", None)]


def test_a_line_inside_quotes_is_no_line_of_its_own(tmp_path: Path) -> None:
    text = 'no,day,total\n1,"2024\n# no comment\nno,day,total\n",9.99\n# a comment\n2,x,5\n'
    values, dropped = rows(tmp_path, text.encode(), spec(comment="#"))
    assert values == [("1", "2024\n# no comment\nno,day,total\n", "9.99"), ("2", "x", "5")]
    assert dropped == {"comment": 1}


def test_own_rules_take_lines_out_by_their_names(tmp_path: Path) -> None:
    text = TEXT.replace("2,2024", "Branch north,,\n2,2024")
    of = spec(skip_lines=(("branch", "^Branch "),))
    assert rows(tmp_path, text.encode(), of) == (ROWS, {"branch": 1})


def test_line_numbers_are_those_of_the_delivered_file(tmp_path: Path) -> None:
    done = landed(tmp_path, ("Report\n\n" + TEXT.replace("2,2024", ",,\n2,2024")).encode(), spec())
    assert parsed(tmp_path, done, spec()).column("_source_line").to_pylist() == [4, 6]


def test_a_list_of_sap_stands_between_pipes(tmp_path: Path) -> None:
    text = "Dynamic list\n\n------------\n| no | day        | total |\n|----|----|----|\n| 1 | 2024-03-01 |  9.99 |\n"
    text += "Page 2\n| no | day        | total |\n| 2 | 2024-03-02 | 5     |\n-----------\n"
    values, dropped = rows(tmp_path, text.encode(), spec(delimiter="|"))
    assert values == ROWS
    assert dropped["repeated_header"] == 1


def test_fixed_width(tmp_path: Path) -> None:
    text = "no day        total\n1  2024-03-01 9.99\n2  2024-03-02 5\n"
    assert rows(tmp_path, text.encode(), spec("fixed", widths=(3, 11, 6)))[0] == ROWS


def test_a_renamed_column_is_refused_by_name_and_one_line_takes_both(tmp_path: Path) -> None:
    text = TEXT.replace("total", "Line Sum").encode()
    reason, remedy = refusal(tmp_path, text, spec())
    assert reason == "required columns are not there: total"
    assert remedy.endswith('total: {also: ["Line Sum"]}')
    both = FileSpec("csv", (ColumnSpec("no"), ColumnSpec("day"), ColumnSpec("total", also=("Line Sum",))))
    assert rows(tmp_path, text, both)[0] == ROWS
    assert rows(tmp_path, TEXT.encode(), both)[0] == ROWS


@pytest.mark.parametrize(
    "text",
    [
        '[{"no": 1, "day": "2024-03-01", "total": 9.99}, {"no": "2", "day": "2024-03-02", "total": 5}]',
        '{"count": 2, "orders": [{"no": 1, "day": "2024-03-01",\n "total": 9.99}, '
        '{"no": 2, "day": "2024-03-02", "total": 5}]}',
        '{"data": {"orders": [{"no": 1, "day": "2024-03-01", "total": 9.99}, '
        '{"no": 2, "day": "2024-03-02", "total": 5}]}}',
    ],
)
def test_json_documents(tmp_path: Path, text: str) -> None:
    assert rows(tmp_path, text.encode(), spec("json"))[0] == ROWS


def test_of_two_lists_one_must_be_named(tmp_path: Path) -> None:
    text = b'{"a": [{"no": 1}], "b": [{"no": 1, "day": "2024-03-01", "total": 9.99}]}'
    assert refusal(tmp_path, text, spec("json")) == (
        "which list holds the rows? There are: a, b",
        "name it: `rows: KEY`",
    )
    assert rows(tmp_path, text, spec("json", rows="b"))[0] == ROWS[:1]


def test_xml_by_a_row_path(tmp_path: Path) -> None:
    text = '<?xml version="1.0" encoding="gb18030"?><s><list><o no="1"><day>2024-03-01</day><total>9.99</total></o>'
    text += "<o no='2'><day>2024-03-02</day><total>5</total><名>北京</名></o></list></s>"
    assert rows(tmp_path, text.encode("gb18030"), spec("xml", rows="list/o"))[0] == ROWS


def test_xml_entities_are_refused(tmp_path: Path) -> None:
    text = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x><o><no>&b;</no></o></x>'
    assert refusal(tmp_path, text, spec("xml"))[0] == "it declares entities or a document type"


def test_a_web_page_that_calls_itself_xls_is_read_and_said_so(tmp_path: Path) -> None:
    cells = "".join(f"<tr>{''.join(f'<td>{v}</td>' for v in row)}</tr>" for row in [COLUMNS, *ROWS])
    page = f"<html><meta charset=utf-8><table><tr><td>menu</td></tr></table><table>{cells}</table></html>".encode()
    assert rows(tmp_path, page, spec("spreadsheet"))[0] == ROWS
    assert landed(tmp_path, page, spec("spreadsheet")).remarks == ("a web page that calls itself a spreadsheet",)
    assert refusal(tmp_path, page, spec())[1] == "write `format: html` in the export"


def test_a_cell_that_spans_rows_stands_in_each_of_them(tmp_path: Path) -> None:
    head = "".join(f"<th>{name}</th>" for name in COLUMNS)
    body = "<tr><td rowspan=2>1</td><td>2024-03-01</td><td rowspan=3>9.99</td></tr><tr><td>2024-03-02</td></tr>"
    page = f"<html><table><tr>{head}</tr>{body}<tr><td>2</td><td>2024-03-03</td></tr></table></html>".encode()
    found = rows(tmp_path, page, spec("html"))[0]
    assert [tuple(row[:3]) for row in found] == [
        ("1", "2024-03-01", "9.99"),
        ("1", "2024-03-02", "9.99"),
        ("2", "2024-03-03", "9.99"),
    ]


def workbook(sheets: dict[str, list[list[str]]]) -> bytes:
    """A small xlsx by hand: cells as inline text, or as numbers where they look like one."""
    out = io.BytesIO()
    names = list(sheets)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        kinds = "".join(
            f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="application/vnd.openxmlformats-'
            f'officedocument.spreadsheetml.worksheet+xml"/>'
            for i in range(1, len(names) + 1)
        )
        book.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
            'PartName="/xl/workbook.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
            + kinds
            + "</Types>",
        )
        relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        package = "http://schemas.openxmlformats.org/package/2006/relationships"
        book.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{relation}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        listed = "".join(f'<sheet name="{name}" sheetId="{i}" r:id="r{i}"/>' for i, name in enumerate(names, 1))
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        book.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{relation}"><sheets>{listed}</sheets></workbook>'
        )
        links = "".join(
            f'<Relationship Id="r{i}" Type="{relation}/worksheet" Target="worksheets/sheet{i}.xml"/>'
            for i in range(1, len(names) + 1)
        )
        book.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}">{links}</Relationships>')
        for i, name in enumerate(names, 1):
            lines = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in sheets[name])
            book.writestr(
                f"xl/worksheets/sheet{i}.xml", f'<worksheet xmlns="{main}"><sheetData>{lines}</sheetData></worksheet>'
            )
    return out.getvalue()


def cell(value: str) -> str:
    try:
        return f"<c><f>1*{float(value)}</f><v>{float(value)!r}</v></c>"
    except ValueError:
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'


def test_a_workbooks_first_or_named_sheet_with_its_formulas_values(tmp_path: Path) -> None:
    book = workbook({"Notes": [["hello"]], "Sales": [["Sales of March"], list(COLUMNS), *map(list, ROWS)]})
    assert rows(tmp_path, book, spec("spreadsheet", sheet="sales")) == (ROWS, {"preamble": 1})
    assert (
        refusal(tmp_path, book, spec("spreadsheet", sheet="May"))[1] == "its sheets are: Notes, Sales; correct `sheet`"
    )
    assert refusal(tmp_path, book, spec())[1] == "write `format: spreadsheet` in the export"


def test_a_workbook_that_describes_a_billion_cells_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    book = workbook({"S": [list(COLUMNS)]})
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            if name.startswith("xl/worksheets/"):
                text = text.replace(
                    b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                )
                text = text.replace(b"<row><c", b'<row r="1"><c r="A1"', 1)
            new.writestr(name, text)
    assert refusal(tmp_path, out.getvalue(), spec("spreadsheet"))[0].startswith("it does not open as a workbook")


def test_text_that_calls_itself_a_workbook_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path, TEXT.encode(), spec("spreadsheet"))[0] == "it is text and no workbook"


def test_what_was_delivered_is_kept_where_the_copy_says_less(tmp_path: Path) -> None:
    text = "no,day,total\n1,Köln,2\n".encode("cp1252")
    done = landed(tmp_path, text, spec())
    assert gzip.decompress((tmp_path / "landing" / str(done.kept_name)).read_bytes()) == text
    assert landed(tmp_path, TEXT.encode(), spec()).kept_name is None


def test_two_readings_of_short_text_are_both_named_with_the_line_that_ends_it(tmp_path: Path) -> None:
    text = "no,day,total\n1,Mariño,2\n".encode("cp1252")
    reason, remedy = refusal(tmp_path, text, spec())
    assert "cp1252 or cp1250" in reason
    assert "`encoding: cp1252`" in remedy
    assert rows(tmp_path, text, spec(encoding="cp1252"))[0] == [("1", "Mariño", "2")]
