"""Orders whose lines stand inside them: lists of nodes, lists under an element of their own."""

import json

from tests.lakehouse.authoring.test_new_export_kinds import Tried

MONEY = {"currencyCode": "EUR"}


def node(at: int) -> dict:
    lines = [
        {
            "title": f"Thing {n}",
            "sku": f"S{n}",
            "quantity": n + 1,
            "originalUnitPriceSet": {"shopMoney": {"amount": "2.50", **MONEY}},
        }
        for n in range(1 + at % 2)
    ]
    return {
        "id": f"gid://shop/Order/{at}",
        "createdAt": f"2024-03-{at + 1:02d}T09:00:00Z",
        "customer": {"id": f"gid://shop/Customer/{at % 3}"},
        "totalPriceSet": {"shopMoney": {"amount": f"{2.5 * sum(n['quantity'] for n in lines):.2f}", **MONEY}},
        "lineItems": {"edges": [{"node": line} for line in lines]},
    }


def written(folder, name: str, text: str) -> Tried:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return Tried(path)


def test_lines_of_an_answer_of_edges_and_nodes_are_order_lines(tmp_path):
    edges = [{"node": node(at)} for at in range(6)]

    made = written(tmp_path, "orders.json", json.dumps({"data": {"orders": {"edges": edges}}}))

    lines = made.rows("order_lines")
    assert len(lines) == 9
    assert lines["sales_cents"].sum() == made.rows("orders")["total_cents"].sum()


def xml(key: str) -> str:
    rows = [
        f"<ORDER><HEAD><ORDER_ID>{at}</ORDER_ID><ORDER_DATE>2024-03-0{at + 1}</ORDER_DATE>"
        f"<PARTY_ID>P{at % 3}</PARTY_ID></HEAD><ITEMS>"
        + f"<ITEM><{key}>S1</{key}><QUANTITY>1</QUANTITY><LINE_AMOUNT>2.50</LINE_AMOUNT></ITEM>" * 2
        + "</ITEMS><SUMMARY><TOTAL_AMOUNT>5.00</TOTAL_AMOUNT></SUMMARY></ORDER>"
        for at in range(6)
    ]
    return f"<ORDERS xmlns='urn:orders'>{''.join(rows)}</ORDERS>"


def test_the_number_that_a_supplier_gives_a_thing_names_a_product(tmp_path):
    made = written(tmp_path, "orders.xml", xml("SUPPLIER_AID"))

    assert len(made.rows("order_lines")) == 12


def test_lines_that_name_no_product_by_a_known_key_are_asked_for(tmp_path):
    made = written(tmp_path, "orders.xml", xml("WIDGET"))

    assert made.tables[:1] == ["orders"]
    assert made.asks("ITEMS.ITEM")
