"""The tables made of conf/cleaning.yaml and conf/china_divisions.yaml."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from jobs.identity.cleaners import letters
from jobs.identity.cleaners.chinese_addresses import Gazetteer
from jobs.identity.settings.china_divisions import Settings as China
from jobs.identity.settings.cleaning import Settings as Cleaning
from lakehouse.config.layers import Conf


@dataclass(frozen=True)
class Rules:
    """Settings and the tables made of them, once."""

    how: Cleaning
    divisions: dict[str, dict[str, str]]
    former_districts: dict[str, dict[str, str]]

    @cached_property
    def country_codes(self) -> dict[str, str]:
        """How exports write a country, plain -> ISO code."""
        return {**_by_form(self.how.countries), **{code.lower(): code for code in self.how.countries}}

    @cached_property
    def sexes(self) -> dict[str, str]:
        """How exports write a sex -> m or f."""
        return _by_form(self.how.sexes)

    @cached_property
    def nickname_roots(self) -> dict[str, str]:
        """A given name's form -> the name; a form under several names belongs to the first."""
        return {form: name for form, name in _by_form(self.how.names.nicknames).items() if form not in self._formal}

    @cached_property
    def _formal(self) -> set[str]:
        return set(self.how.names.nicknames)

    @cached_property
    def titles(self) -> frozenset[str]:
        """Titles before a name, plain."""
        return _plain_set(self.how.names.titles)

    @cached_property
    def suffixes(self) -> frozenset[str]:
        """Suffixes after a name, plain."""
        return _plain_set(self.how.names.suffixes)

    @cached_property
    def particles(self) -> frozenset[str]:
        """Particles of surnames, plain."""
        return _plain_set(self.how.names.particles)

    @cached_property
    def two_character_surnames(self) -> frozenset[str]:
        """Chinese surnames of two characters."""
        return frozenset(self.how.chinese_names.two_characters.split())

    @cached_property
    def surname_ranks(self) -> dict[str, int]:
        """A surname in pinyin -> its rank, 0 is the most frequent."""
        return {name: rank for rank, name in reversed(list(enumerate(self.how.chinese_names.by_frequency.split())))}

    @cached_property
    def email_domains(self) -> dict[str, tuple[str, dict[int, None]]]:
        """A provider's domain -> the domain it is the same as, and the signs that it ignores (for str.translate)."""
        domains: dict[str, tuple[str, dict[int, None]]] = {}
        for domain, provider in self.how.email_providers.items():
            ignored = dict.fromkeys(map(ord, provider.ignores))
            domains |= dict.fromkeys((domain, *provider.same_as), (domain, ignored))
        return domains

    @cached_property
    def places(self) -> Gazetteer:
        """China's divisions by name."""
        return Gazetteer(self.divisions, self.former_districts)

    @cached_property
    def company_forms(self) -> frozenset[str]:
        """Legal forms of companies, plain."""
        return _plain_set(self.how.company_forms)


def rules(conf: Conf) -> Rules:
    """Read conf/cleaning.yaml and conf/china_divisions.yaml.

    Raises:
        ConfigError: an unknown or missing key, or a value of the wrong type.
    """
    china = conf.settings("china_divisions", China)
    return Rules(conf.settings("cleaning", Cleaning), china.divisions, china.former)


def _by_form(table: dict[str, tuple[str, ...]]) -> dict[str, str]:
    names: dict[str, str] = {}
    for name, forms in table.items():
        for form in forms:
            names.setdefault(letters.plain(form).strip(), name)
    return names


def _plain_set(words: Iterable[str]) -> frozenset[str]:
    return frozenset(map(letters.plain, words))
