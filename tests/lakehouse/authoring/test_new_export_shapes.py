"""Workbooks in XML, and lists whose lines a spreadsheet put into quotes."""

from tests.lakehouse.authoring.test_new_export_kinds import AMOUNTS, DAYS, HEAD, TOTAL, Tried

NAMESPACE = (
    'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"'
)


def cell(text: str, more: str = "") -> str:
    return f'<Cell{more}><Data ss:Type="String">{text}</Data></Cell>'


def workbook_in_xml(rows: list[str], prefix: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        f'<Workbook {NAMESPACE}><Worksheet ss:Name="Sales"><Table>{"".join(f"<Row>{row}</Row>" for row in rows)}'
        "</Table></Worksheet></Workbook>"
    )


def test_a_workbook_in_xml_is_read_as_its_table(tmp_path):
    head = "".join(map(cell, HEAD.split(",")))
    rows = [
        "".join(map(cell, (str(at), f"{day}T08:15:00.000", f"K{at % 7}", AMOUNTS[at]))) for at, day in enumerate(DAYS)
    ]
    path = tmp_path / "sales.xls"
    path.write_text(workbook_in_xml([head, *rows]), encoding="utf-8")

    made = Tried(path)

    orders = made.rows("orders")
    assert orders["total_cents"].sum() == TOTAL
    assert f"{orders['ordered_at'].min():%H:%M}" == "08:15"


def test_a_cell_of_a_workbook_in_xml_stands_at_the_place_that_it_names(tmp_path):
    head = cell("March", ' ss:MergeAcross="2"') + "".join(map(cell, HEAD.split(",")))
    rows = [
        cell(str(at), ' ss:Index="4"') + "".join(map(cell, (day, f"K{at % 7}", AMOUNTS[at])))
        for at, day in enumerate(DAYS)
    ]
    path = tmp_path / "sales.xls"
    path.write_text(workbook_in_xml([head, *rows]), encoding="utf-8")

    assert Tried(path).rows("orders")["total_cents"].sum() == TOTAL
