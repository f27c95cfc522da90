"""Which channel a basket belongs to, and whose account it is: money, products, stores and times are real."""

import zlib
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lakehouse.sample.people import keys_of

SHOP_PERCENT = 30
MONEY = ("sales_value", "retail_disc", "coupon_disc", "coupon_match_disc")
CENTS = pa.decimal128(12, 2)


@dataclass(frozen=True)
class Purchases:
    """Lines of one channel in the order of time, basket, product; `day` is the UTC day of each stamp."""

    lines: pa.Table
    day: np.ndarray


def purchases(transactions: pa.Table, everyone: pd.DataFrame) -> dict[str, Purchases]:
    """The till's and the shop's lines, with the `channel_key` of the household's account there."""
    household = transactions["household_id"].to_numpy()
    in_shop = shop_lines(household, transactions["basket_id"].to_numpy(), everyone)
    lines = with_money_as_text(transactions)
    return {
        "pos": of_channel(lines, household, ~in_shop, keys_of(everyone, "pos")),
        "eshop": of_channel(lines, household, in_shop, keys_of(everyone, "eshop")),
    }


def shop_lines(household: np.ndarray, basket_id: np.ndarray, everyone: pd.DataFrame) -> np.ndarray:
    """True where the line was bought in the shop: by the only account, else by the checksum of its basket."""
    has_card = np.isin(household, keys_of(everyone, "pos").index.to_numpy())
    has_shop = np.isin(household, keys_of(everyone, "eshop").index.to_numpy())
    baskets, basket_of_line = np.unique(basket_id, return_inverse=True)
    percent = np.fromiter((zlib.crc32(str(basket).encode()) % 100 for basket in baskets), dtype="int64")
    return has_shop & (~has_card | (percent[basket_of_line] < SHOP_PERCENT))


def with_money_as_text(transactions: pa.Table) -> pa.Table:
    """Amounts with two decimals, and as they are where the package has the residue of a sum (8.881784e-16).

    Twenty such lines have no quantity: by the published counts they have money, in cents they have none.
    """
    for column in MONEY:
        value = transactions[column].to_numpy()
        residue = pa.array(np.rint(value * 100) / 100 != value)
        text = pc.if_else(residue, pa.array(value).cast(pa.string()), pa.array(value).cast(CENTS).cast(pa.string()))
        transactions = transactions.set_column(transactions.schema.get_field_index(column), column, text)
    return transactions


def of_channel(lines: pa.Table, household: np.ndarray, mine: np.ndarray, keys: pd.Series) -> Purchases:
    """The lines where `mine` is true, sorted, with the account's key."""
    key = pa.array(keys.reindex(household[mine]).to_numpy(), type=pa.string())
    order = [("transaction_timestamp", "ascending"), ("basket_id", "ascending"), ("product_id", "ascending")]
    kept = lines.filter(pa.array(mine)).append_column("channel_key", key).sort_by(order)
    stamps = kept["transaction_timestamp"].to_numpy()
    return Purchases(kept, stamps.astype("datetime64[D]"))
