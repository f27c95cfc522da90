"""The till's CSV files (a day and store group each), the shop's JSON lines (an order each)."""

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from lakehouse.sample.calendar import delivery_days, periods
from lakehouse.sample.files import DropZone, csv_bytes_of_table, joined, parts
from lakehouse.sample.purchases import MONEY, Purchases

STORE_GROUPS = 4
# Standard time all year; a state that the record spells wrongly has its orders stamped in UTC.
OFFSET_MINUTES = {"nsw": 600, "vic": 600, "qld": 600, "tas": 600, "act": 600, "sa": 570, "nt": 570, "wa": 480}


def write_pos_sales(zone: DropZone, bought: Purchases) -> None:
    """pos_sales_<month or day>_g<store group>.csv: a line per scanned product, stamps in UTC unsaid."""
    group = (bought.lines["store_id"].to_numpy() % STORE_GROUPS).astype("U1")
    labels = np.char.add(np.char.add(periods(bought.day), "_g"), group)
    stamp = bought.lines["transaction_timestamp"].cast(pa.timestamp("s"))
    kept = ["channel_key", "store_id", "basket_id", "product_id", "quantity", *MONEY]
    table = bought.lines.select(kept).rename_columns(["card_no", *kept[1:]]).append_column("timestamp", stamp)
    table = table.combine_chunks()
    delivered = delivery_days(bought.day)
    for label, positions in parts(labels):
        day = delivered[positions[0]].astype(date)
        if day <= zone.last_day:
            content = csv_bytes_of_table(table.take(pa.array(positions)))
            zone.write("pos_sales", f"{label}.csv", day, content, len(positions))


def write_eshop_orders(zone: DropZone, bought: Purchases, shop_accounts: pd.DataFrame) -> None:
    """eshop_orders_<month or day>.jsonl: an order per line, paid_at in the buyer's time."""
    basket = bought.lines["basket_id"].to_numpy()
    starts = np.flatnonzero(np.append(True, basket[1:] != basket[:-1]))
    heads = bought.lines.take(pa.array(starts))
    lines = joined(order_lines(bought.lines, starts), starts, ",")
    orders = order_objects(heads, paid_at(heads, shop_accounts), lines)
    day = bought.day[starts]
    delivered = delivery_days(day)
    for label, positions in parts(periods(day)):
        if (delivery := delivered[positions[0]].astype(date)) <= zone.last_day:
            texts = orders.take(pa.array(positions))
            content = joined(texts, np.zeros(1, dtype="int64"), "\n")[0].as_py() + "\n"
            zone.write("eshop_orders", f"{label}.jsonl", delivery, content.encode(), len(positions))


def order_lines(lines: pa.Table, starts: np.ndarray) -> pa.Array:
    """One JSON object per line; line_no counts from 1 within the order."""
    sizes = np.diff(np.append(starts, len(lines)))
    line_no = np.arange(len(lines)) - np.repeat(starts, sizes) + 1
    real = {name: (lines[name], "") for name in ("product_id", "quantity", *MONEY)}
    return objects({"line_no": (pa.array(line_no), "")} | real)


def order_objects(heads: pa.Table, paid: pa.Array, lines: pa.Array) -> pa.Array:
    """One JSON object per order, its lines as an array."""
    nested = pc.binary_join_element_wise("[", lines, "]", "")
    return objects(
        {
            "order_id": (heads["basket_id"], '"'),
            "account_uuid": (heads["channel_key"], '"'),
            "store_id": (heads["store_id"], ""),
            "paid_at": (paid, '"'),
            "lines": (nested, ""),
        }
    )


def objects(values: dict[str, tuple[pa.Array, str]]) -> pa.Array:
    """JSON objects of columns that need no escapes, each with the quote of its values ('' for numbers)."""
    pieces: list[pa.Array | str] = []
    for place, (name, (column, quote)) in enumerate(values.items()):
        text = column.cast(pa.string())
        text = text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
        pieces += [f'{"," if place else "{"}"{name}":{quote}', text, quote]
    return pc.binary_join_element_wise(*pieces, "}", "")


def paid_at(heads: pa.Table, shop_accounts: pd.DataFrame) -> pa.Array:
    """2017-03-01T21:53:26+10:00: the real instant, in the standard time of the account's state."""
    states = shop_accounts.set_index("channel_key")["state"]
    state = states.reindex(heads["channel_key"].to_numpy())
    minutes = state.map(OFFSET_MINUTES).fillna(0).astype("int64").to_numpy()
    instant = heads["transaction_timestamp"].to_numpy().astype("datetime64[s]")
    local = instant + minutes.astype("timedelta64[m]")
    suffix = {value: f"+{value // 60:02d}:{value % 60:02d}" for value in np.unique(minutes)}
    offsets = np.array([suffix[value] for value in minutes])
    return pa.array(np.char.add(np.datetime_as_string(local, unit="s"), offsets))
