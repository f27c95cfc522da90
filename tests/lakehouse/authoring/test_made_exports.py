"""Exports as programs of many kinds write them: right unedited, or with a word; never wrong in silence."""

import pytest

from benchmarks.export_cases.expected import Case
from benchmarks.export_cases.trial import ANSWERED, RIGHT, WORD, Trial, tried
from tests.lakehouse.authoring.made_exports import CASES
from tests.lakehouse.authoring.made_exports.base import Made

# A word is said and the figures are wrong: forms that need a person, or nights in place of a preview of each file.
WITH_A_WORD = {
    "wrapped_rows": "a spreadsheet put each row into quotes: the file is to be saved again",
    "money_credit_suffix": "CR is given back in one ledger and income in another",
    "soll_haben": "Soll is a customer's debt in one ledger and an outflow in another",
    "zip_parts": "an archive of several members is to be unpacked",
    "returned_pieces": "whether pieces that came back are off the amount already is asked",
    "refunds_in_json": "a list of refunds inside an order is asked for",
    "turned_signs": "most amounts below zero are asked for",
    "json_by_key": "rows under keys of their own are no list",
    "buddhist_years": "years of another era are no days of ours",
    "netsuite": "a customer's number stands inside their name",
    "day_in_preamble": "the day stands above the header, and in no column",
    "quickbooks_detail": "customers stand as rows above their lines",
    "daily_summary": "sums of several orders are no orders: asked",
    "price_list": "prices are no sales: asked",
    "stock_moves": "moves of stock are no sales: asked",
    "purchase_orders": "what the company bought is no sale: asked",
    "expenses": "what the company spent is no sale: asked",
    "shipments": "parcels are no orders, and their cost is no price: asked",
    "offers": "offers are no sales: asked",
    "abandoned_carts": "carts that were left are no sales: asked",
    "payouts": "payouts are no sales: asked",
    "subscriptions": "contracts are no payments: asked",
    "gift_card_ledger": "money on a card is no sale of goods: which rows are is asked",
    "datev_batch": "days have no year, which stands above the header",
    "tally_vouchers": "amounts stand in lists of entries, the customer's beside the sale's",
    "mrr_movements": "moves of recurring revenue are no sales: asked",
    "json_columns": "rows without their columns' names",
    "refunds_section": "a second table with the same header: asked",
    "zip_xlsx": "a workbook in an archive is to be unpacked",
    "billing_month": "a month is no day",
    "money_on_some_rows": "whether money on a few rows lowers the amount is asked",
    "deposit_inside": "whether a deposit is in the total is asked",
    "tax_by_flag": "whether a tax is to be added on some rows is asked",
    "types_of_gifts": "types that nobody knows are asked",
    "whole_amounts_of_a_program": "whether whole amounts are hundredths is asked",
    "states_as_numbers": "which numbers of states do not count is asked",
    "channels_by_letters": "who allowed which channel is asked",
    "two_answers": "whether answers in an unknown language are consent is asked",
}
NIGHTS = {"snapshot_customers", "status_changes"}  # what nights add: tested on nights
TRIED = [made for made in CASES if made.name not in NIGHTS]
EACH = 8  # one in so many runs with every change, the others with the slow tests


def cases() -> list:
    return [
        pytest.param(made, id=made.name, marks=() if at % EACH == 0 else pytest.mark.slow)
        for at, made in enumerate(TRIED)
    ]


def outcome_of(made: Made, tmp_path) -> Trial:
    folder = tmp_path / made.name
    for name, data in made.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    values = {name: str(value) for name, value in made.right.items()}
    return tried(Case(made.name, folder, values, made.words), tmp_path / "trial", fast=True)


@pytest.mark.parametrize("made", cases())
def test_an_export_is_right_or_says_what_is_in_doubt(made, tmp_path):
    trial = outcome_of(made, tmp_path)
    expected = (WORD,) if made.name in WITH_A_WORD else (RIGHT, ANSWERED)
    assert trial.outcome in expected, trial.line()
