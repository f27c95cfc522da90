"""The whole sample company, generated once for all its tests."""

from collections.abc import Callable

import duckdb
import pytest

from lakehouse.sample import SampleSummary, write_sample

Query = Callable[[str], list[tuple]]


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> SampleSummary:
    """All 94 deliveries."""
    return write_sample(tmp_path_factory.mktemp("sample") / "drop")


@pytest.fixture(scope="session")
def query(company: SampleSummary) -> Query:
    """SQL over views of the exported files, one per export, everything as text where the file is text."""
    con = duckdb.connect()
    con.execute(f"CREATE TABLE pos_sales AS FROM read_csv('{company.drop}/*/pos_sales_*.csv', {TILL})")
    con.execute(f"CREATE TABLE eshop_orders AS FROM read_ndjson('{company.drop}/*/eshop_orders_*.jsonl', {SHOP})")
    for export, extension in EXTENSIONS.items():
        files = f"'{company.drop}/*/{export}_*{extension}'"
        con.execute(f"CREATE VIEW {export} AS SELECT * FROM {READERS[extension].format(files=files)}")
    for name in ("accounts", "households", "homes"):
        truth = f"read_csv('{company.truth}/{name}.csv', all_varchar=true)"
        con.execute(f"CREATE VIEW truth_{name} AS FROM {truth}")
    return lambda sql: con.execute(sql).fetchall()


MONEY = ("sales_value", "retail_disc", "coupon_disc", "coupon_match_disc")
MONEY_TYPES = ", ".join(f"{name}: 'DOUBLE'" for name in MONEY)
LINE = "line_no INT, product_id BIGINT, quantity BIGINT, " + ", ".join(f"{name} DOUBLE" for name in MONEY)
# the columns in words: guessing them file by file takes most of a minute
TILL = (
    "header=true, auto_detect=false, columns={card_no: 'VARCHAR', store_id: 'INT', basket_id: 'VARCHAR', "
    f"product_id: 'BIGINT', quantity: 'BIGINT', {MONEY_TYPES}, timestamp: 'TIMESTAMP'}}"
)
SHOP = (
    "columns={order_id: 'VARCHAR', account_uuid: 'VARCHAR', store_id: 'INT', paid_at: 'VARCHAR', "
    f"lines: 'STRUCT({LINE})[]'}}"
)
EXTENSIONS = {
    "pos_cards": ".csv",
    "eshop_accounts": ".jsonl",
    "email_sends": ".csv",
    "email_subscribers": ".csv",
    "app_events": ".jsonl.gz",
    "app_profiles": ".jsonl",
    "call_contacts": ".csv",
    "erp_customers": ".csv",
    "erp_products": ".parquet",
    "erp_coupons": ".parquet",
    "erp_campaigns": ".csv",
    "lead_list": ".csv",
    "web_leads": ".jsonl",
    "delivery_contacts": ".csv",
}
READERS = {
    ".csv": "read_csv({files}, all_varchar=true, header=true)",
    ".jsonl": "read_ndjson({files})",
    ".jsonl.gz": "read_ndjson({files})",
    ".parquet": "read_parquet({files})",
}
