"""A file's column names in bronze."""

from lakehouse.contracts.bronze_names import in_bronze


def test_a_name_is_the_exports_where_it_knows_it_and_never_a_reserved_one() -> None:
    known = {"order_id": "order_id", "商品 名": "商品 名"}
    names = (" Order_ID", "商品 名", "New Col", "_run_date", "")
    assert [in_bronze(name, known) for name in names] == ["order_id", "商品 名", "New_Col", "__run_date", "column"]
