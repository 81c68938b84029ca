"""How a person likes to work: what the product does for them, and for nobody else."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

UNDO_CHOICES = (0, 5, 10, 30)


class Preferences(BaseModel):
    """The shape of `users.preferences`; what is missing or no longer known falls back to these defaults."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    enter_sends: bool = True
    undo_seconds: int = Field(default=5, ge=0, le=30)
    sound: bool = False
    desktop: bool = False
