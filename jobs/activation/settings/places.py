"""What a key of `zones` (contact_policy.yaml) names: a country, or a state within one.

CA is Canada and California, DE Germany and Delaware: a key of two letters that is a country's code is that country, and
its zone must be one of the country's; a state is asked for only within its country, which `US/CA` says, and which the
zone itself tells where the key is no country's (QLD: Australia/Brisbane). Source: zone1970.tab and iso3166.tab of the
time zone database.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

NOWHERE = ""  # the country of an address that names none
WHOLE = ""  # the state of a row that is for a whole country


@dataclass(frozen=True)
class Place:
    """A country (its code, or as it is written where no code is known) and a state of it in small letters, or WHOLE."""

    country: str
    state: str = WHOLE


def _lines(name: str) -> list[list[str]]:
    text = files("tzdata").joinpath("zoneinfo", name).read_text(encoding="utf-8")
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
    table = files("tzdata").joinpath("zoneinfo")
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


def places(zones: Mapping[str, str], spellings: Mapping[str, str]) -> dict[Place, str]:
    """The zone of each place that the keys name; an address without a country has a state's, where only one has it.

    Args:
        spellings: a country as addresses write it, in small letters -> its code.
    """
    found = {place: zone for key, zone in zones.items() if "/" not in key for place in _plain(key, zone, spellings)}
    for key, zone in zones.items():
        if "/" in key:
            country, _, state = (part.strip().lower() for part in key.partition("/"))
            found[Place(spellings.get(country, country), state)] = zone
    return found | dict(_without_country(found))


def _plain(key: str, zone: str, spellings: Mapping[str, str]) -> Iterator[Place]:
    name = key.strip().lower()
    yield Place(spellings.get(name, name))
    if name not in spellings:
        yield from (Place(code, name) for code in sorted(countries_of(zone)))


def _without_country(found: Mapping[Place, str]) -> Iterator[tuple[Place, str]]:
    states: dict[str, set[str]] = {}
    for place, zone in found.items():
        if place.state:
            states.setdefault(place.state, set()).add(zone)
    yield from ((Place(NOWHERE, state), zones.pop()) for state, zones in states.items() if len(zones) == 1)


def spelled(countries: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Codes and English names, and the words that cleaning.yaml has for countries, in small letters -> code."""
    return {**country_names(), **{str(word).lower(): code for code, words in countries.items() for word in words}}
