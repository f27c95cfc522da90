"""Exports as programs of many kinds write them, made from one small shop, each with its right figures."""

from tests.lakehouse.authoring.made_exports import (
    abroad,
    answers,
    china,
    days,
    deliveries,
    forms,
    lists,
    marketplaces,
    more_forms,
    more_shops,
    numbers,
    payments,
    refunds,
    services,
    shapes,
    shops,
    side_words,
    tills,
    trades,
    traps,
    worldwide,
)
from tests.lakehouse.authoring.made_exports.base import Made

CASES: tuple[Made, ...] = tuple(
    make()
    for module in (
        shapes,
        shops,
        side_words,
        marketplaces,
        payments,
        tills,
        china,
        lists,
        forms,
        numbers,
        days,
        answers,
        refunds,
        services,
        more_shops,
        more_forms,
        traps,
        deliveries,
        abroad,
        trades,
        worldwide,
    )
    for make in module.CASES
)
