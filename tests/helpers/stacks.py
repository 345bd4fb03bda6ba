"""Stacks put together without sampling: every fit a stack asks for is drawn from the priors of its variant."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import pytest

from helpers.cases import skeleton
from helpers.synthetic import synthetic_forecast
from vzforecast import stack
from vzforecast.case import Case
from vzforecast.forecast import Forecast
from vzforecast.settings import SamplerSettings
from vzforecast.stacking.members import MEMBERS

AS_OF: Final = "2024-05-15"
SHAPE: Final = {"draws": 60, "chains": 2, "paths": 6}
SETTINGS = SamplerSettings(tune=50, **SHAPE)


@contextmanager
def no_sampling() -> Iterator[list[Case]]:
    """Let stacks fit without sampling; yields the cases that were fitted, in order."""
    fitted: list[Case] = []

    def fit_known(known: Case, settings: SamplerSettings, seed: int, **options: Any) -> Forecast:
        del settings
        fitted.append(known)
        return synthetic_forecast(known, seed=seed, places=options["places"], **SHAPE)

    with pytest.MonkeyPatch.context() as patch:
        for module in ("stacking.stacking", "explaining.refits"):
            patch.setattr(f"vzforecast.{module}.fit_known", fit_known)
        yield fitted


def island_stack(as_of: str = AS_OF, members: Mapping[str, tuple[str, ...]] = MEMBERS) -> Forecast:
    """Return a stack of the skeleton, by default with the four members that there are."""
    return _island_stack(as_of, tuple(members.items()))


@cache
def _island_stack(as_of: str, members: tuple[tuple[str, tuple[str, ...]], ...]) -> Forecast:
    with no_sampling():
        return stack(skeleton(), as_of, SETTINGS, members=dict(members))
