"""Which countries a time zone is of, and the codes of countries, as the time zone database says.

Source: zone1970.tab, zone.tab and iso3166.tab of the time zone database.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import tzdata


def _lines(name: str) -> list[list[str]]:
    text = files(tzdata).joinpath("zoneinfo", name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


@cache
def country_names() -> Mapping[str, str]:
    """Code and English name of each country, in small letters -> its code."""
    return {word.lower(): code for code, name, *_ in _lines("iso3166.tab") for word in (code, name)}


@cache
def _zone_countries() -> Mapping[str, frozenset[str]]:
    shared = {zone: frozenset(codes.split(",")) for codes, _, zone, *_ in _lines("zone1970.tab")}
    own = {zone: frozenset([code]) for code, _, zone, *_ in _lines("zone.tab")}
    return {zone: shared.get(zone, frozenset()) | own.get(zone, frozenset()) for zone in {*shared, *own}}


@cache
def countries_of(zone: str) -> frozenset[str]:
    """The codes of the countries whose clocks show the zone; of a former name (US/Pacific) those of its present one."""
    known = _zone_countries()
    if zone in known:
        return known[zone]
    table = files(tzdata).joinpath("zoneinfo")
    own = table.joinpath(*zone.split("/")).read_bytes()
    alike = [codes for name, codes in known.items() if table.joinpath(*name.split("/")).read_bytes() == own]
    return frozenset[str]().union(*alike)


def zones_of(country: str) -> list[str]:
    """The zones of a country, by its code."""
    return sorted(zone for zone, codes in _zone_countries().items() if country in codes)


def mistaken(key: str, zone: str) -> str:
    """The code of the country that a key names though the zone is none of its; empty where all is well."""
    code = country_names().get(key.lower(), "")
    return code if code and code not in countries_of(zone) else ""
