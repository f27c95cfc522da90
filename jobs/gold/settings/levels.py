"""Levels of the product hierarchy, as the gold room's settings name them, and ranges that several subjects share."""

from typing import Annotated, Literal

from pydantic import Field

from lakehouse.config.fields import Word
from lakehouse.config.references import EXPORTS, Reference

Level = Literal["department", "product_category", "product_type", "brand", "product_id"]
Lift = Annotated[float, Field(ge=0, le=1_000_000)]
Items = Annotated[int, Field(ge=1, le=1_000_000)]
Channel = Annotated[Word, Reference("channel", EXPORTS)]
Purpose = Annotated[Word, Reference("purpose", "silver.consents.purpose", begins=True)]
ListLength = Annotated[int, Field(ge=1, le=1000)]
ONE_OF = "department | product_category | product_type | brand | product_id; product_id where products do not say"
COARSENESS = {"department": 3, "product_category": 2, "product_type": 1, "product_id": 0}  # a brand has no place there
