"""What every declaration of a case has in common: strictness, and the types of its keys."""

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints

from vzforecast.inputs.frozen import FrozenMapping

ID_PATTERN: Final = r"^[a-z][a-z0-9_]*$"
NAME_PATTERN: Final = r"^[a-z0-9][a-z0-9_-]*$"

Identifier = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
CaseName = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]

# TOML arrays arrive as lists; only the container is converted, its items stay strict.
type Several[T] = Annotated[tuple[T, ...], Field(strict=False)]
type Table[K, V] = Annotated[Mapping[K, V], AfterValidator(FrozenMapping), PlainSerializer(dict)]


class Declared(BaseModel):
    """Base of every declaration: unknown keys refused, no conversion between types, frozen."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
