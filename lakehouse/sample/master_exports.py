"""What the company sells and plans, whole and as in the package, with the first delivery."""

import pandas as pd
import pyarrow.parquet as pq

from lakehouse.sample.calendar import FIRST_DELIVERY
from lakehouse.sample.files import DropZone, csv_bytes, parquet_bytes
from lakehouse.sample.sources import Sources, promotions_file


def write_masters(zone: DropZone, sources: Sources) -> None:
    """erp_products and erp_coupons as Parquet (faults and duplicate rows included), erp_campaigns as CSV."""
    suffix = FIRST_DELIVERY.isoformat()
    for export, table in (("erp_products", sources.products), ("erp_coupons", sources.coupons)):
        zone.write(export, f"{suffix}.parquet", FIRST_DELIVERY, parquet_bytes(table), len(table))
    campaigns = sources.campaign_descriptions.to_pandas()
    for column in ("start_date", "end_date"):
        campaigns[column] = pd.to_datetime(campaigns[column]).dt.strftime("%Y-%m-%d")
    zone.write("erp_campaigns", f"{suffix}.csv", FIRST_DELIVERY, csv_bytes(campaigns), len(campaigns))


def write_promotions(zone: DropZone) -> None:
    """The 20.9 million rows of product, store and week as one Parquet file, for tests of scale."""
    source = promotions_file()
    rows = pq.read_metadata(source).num_rows
    zone.write("erp_promotions", f"{FIRST_DELIVERY}.parquet", FIRST_DELIVERY, source.read_bytes(), rows)
