"""What a key of `zones` (contact_policy.yaml) names: a country, or a state within one.

CA is Canada and California, DE Germany and Delaware: a key that is a country's code or name is that country, and its
zone must be one of the country's; a state is asked for only within its country, which `US/CA` says, and which the zone
itself tells where the key is no country's (QLD: Australia/Brisbane).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lakehouse.config.time_zones import countries_of, country_names

NOWHERE = ""  # the country of an address that names none
WHOLE = ""  # the state of a row that is for a whole country


@dataclass(frozen=True)
class Place:
    """A country (its code, or as it is written where no code is known) and a state of it in small letters, or WHOLE."""

    country: str
    state: str = WHOLE


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
