"""conf/non_merchandise.yaml: what is sold as a product and is no goods (gold.non_merchandise)."""

from typing import Annotated

from pydantic import Field

from lakehouse.config.fields import Listed, Share, Word
from lakehouse.config.model import SettingsModel


class Settings(SettingsModel):
    """All of it."""

    words: Listed[Word] = Field(description="a name with one of these words, or its plural in s, is no goods")
    whole_names: Listed[Word] = Field(description="names that as a whole say that something is no goods")
    odd_number_share: Share = Field(
        description="a number without a digit is odd where at most this share of the products sold has such a number"
    )
    odd_price_spread: Annotated[float, Field(ge=0, le=1_000)] = Field(
        description="an odd number is no goods where its price's standard deviation is above this many of its means"
    )
    max_items: Annotated[int, Field(ge=1, le=100_000)] = Field(description="of more the most sold")
