"""conf/cleaning.yaml: how names, numbers and addresses are put into one form before they are compared."""

from typing import Annotated

from pydantic import Field

from lakehouse.config.fields import Like, Listed, OneOf, Text, Word
from lakehouse.config.model import SettingsModel

NO_COUNTRY = "this is no ISO 3166 code of a country"
Country = Annotated[Word, Like("[A-Z]{2}", NO_COUNTRY, "write two capital letters, such as DE")]


class Names(SettingsModel):
    """Words around a name, and a given name's other forms."""

    titles: Listed[Word] = Field(description="words before a name")
    suffixes: Listed[Word] = Field(description="words after a name")
    particles: Listed[Word] = Field(description="small words of surnames")
    nicknames: dict[Word, Listed[Word]] = Field(
        description="given name: forms that people use for it; a form under several names belongs to the first"
    )


class ChineseNames(SettingsModel):
    """Chinese surnames; the texts are lists with spaces."""

    one_character: Word = Field(description="surnames of one character")
    two_characters: Word = Field(description="surnames of two characters")
    readings: dict[Word, Word] = Field(description="character: its reading as a surname, in pinyin")
    by_frequency: Word = Field(description="surnames in pinyin, the most frequent first")
    romanised: dict[Word, Word] = Field(description="another romanisation: pinyin")


class Provider(SettingsModel):
    """An e-mail provider's other domains, and the letters of the local part that it ignores."""

    same_as: Listed[Word] = Field(default=(), description="domains whose mailboxes are the same")
    ignores: Text = Field(default="", description="characters before the @ that say nothing")


class Settings(SettingsModel):
    """conf/cleaning.yaml: how names, numbers and addresses are put into one form before they are compared."""

    default_country: Annotated[
        Text, Like("([A-Z]{2})?", NO_COUNTRY, "write two capital letters, such as DE, or nothing")
    ] = Field(description="ISO 3166 code of phone numbers and ids of accounts without a country; empty: unknown")
    countries: dict[Country, Listed[Word]] = Field(description="ISO 3166 code: how exports write the country")
    sexes: dict[Annotated[str, OneOf(("m", "f"))], Listed[Word]] = Field(description="how exports write a sex")
    names: Names
    chinese_names: ChineseNames
    company_forms: Listed[Word] = Field(description="legal forms, which are no part of a company's name")
    email_providers: dict[Word, Provider] = Field(description="domain: its other domains, and what it ignores")
