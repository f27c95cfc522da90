"""conf/cross_sell.yaml: what to offer each customer next (gold.cross_sell)."""

from typing import Annotated

from pydantic import Field

from jobs.gold.settings.levels import ONE_OF, Level, Lift, ListLength
from lakehouse.config.fields import Share
from lakehouse.config.model import SettingsModel
from lakehouse.config.references import Reference


class Settings(SettingsModel):
    """All of it."""

    recommendations_per_customer: ListLength = Field(description="most rows per customer")
    products_per_consequent: Annotated[int, Field(ge=1, le=100_000)] = Field(
        description="of a rule's consequent, the products bought by most customers that may be offered"
    )
    new_items_only: bool = Field(
        description="true: only items the customer never bought; false: those first, then new products of bought ones"
    )
    min_lift: Lift = Field(description="weaker rules recommend nothing; 1 is chance")
    max_q_value: Share = Field(description="largest share of false rules among those used, 0 to 1")
    level: Annotated[Level, Reference("level", "basket_rules", instead="product_id")] = Field(
        description=f"rules of this level speak, one of basket_rules.yaml's levels: {ONE_OF}"
    )
