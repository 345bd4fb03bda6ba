"""What a forecast is made of, and what follows from that without a question being asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from vzforecast import names
from vzforecast.case import Case
from vzforecast.convergence import ConvergenceReport
from vzforecast.events import Vocabulary
from vzforecast.evidence import Evidence
from vzforecast.forecast.averaged import Averaged
from vzforecast.forecast.intervention import Intervened, Intervention
from vzforecast.forecast.posterior import places, stacked
from vzforecast.forecast.revision import Revision, UpdateReport
from vzforecast.forecast.weights import Weights
from vzforecast.history import Design, History, Known
from vzforecast.paths import Paths


@dataclass(frozen=True, eq=False, repr=False)
class Parts:
    """Everything a forecast consists of; see ``Forecast``, which answers questions from it, for the meaning of each."""

    case: Case
    posterior: xr.DataTree
    simulated: Paths
    diagnostics: ConvergenceReport
    provenance: Mapping[str, Any]
    revision: Revision | None = None
    intervened: Intervened | None = None
    averaged: Averaged | None = None

    @property
    def as_of(self) -> date:
        """Forecast origin: nothing published after this day is in it."""
        return self.simulated.as_of

    @property
    def horizon(self) -> date:
        """Last day that is simulated."""
        return self.simulated.horizon

    @property
    def ok(self) -> bool:
        """Whether the fit passed its diagnostics."""
        return self.diagnostics.ok

    @property
    def update_report(self) -> UpdateReport | None:
        """How the last update went: path taken, k-hat, ESS, seconds and why; None if there was none."""
        return None if self.revision is None else self.revision.report

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Everything added since the case was read from files, in the order of publication."""
        return () if self.revision is None else self.revision.items

    @property
    def interventions(self) -> tuple[Intervention, ...]:
        """What was brought about in its future, in order; none if it says what will be."""
        return () if self.intervened is None else self.intervened.made

    @cached_property
    def known(self) -> Known:
        """What is known on the as-of date, as rows for these draws."""
        return Known(self.case, places(self.posterior)) if self.revision is None else self.revision.known

    @property
    def history(self) -> History:
        """The rows the model saw."""
        return self.known.history

    @property
    def design(self) -> Design:
        """The rows and priors as arrays."""
        return self.known.design

    @cached_property
    def draws(self) -> dict[str, NDArray[np.float64]]:
        """Free variables of the model with chains and draws stacked, leading dim ``sample``."""
        return stacked(self.posterior)

    @cached_property
    def weights(self) -> Weights:
        """Weights of draws and of their paths; all alike unless the forecast was updated or averages variants."""
        if self.intervened is not None:
            return self.intervened.weights
        draws = None if self.revision is None else self.revision.draw_weights
        if draws is None and self.averaged is not None:
            draws = self.averaged.draw_weights(self.simulated.draws)
        paths = None if self.revision is None else self.revision.path_weights(self.simulated, self.vocabulary)
        return Weights(draws, paths)

    @cached_property
    def chains(self) -> int:
        """Number of chains among the draws."""
        return int(self.posterior[names.POSTERIOR].sizes[names.CHAIN])

    @property
    def readings(self) -> int:
        """Fits pooled in the draws: two where partial commitments count half, for each variant that is averaged."""
        members = 1 if self.averaged is None else len(self.averaged.members)
        return members * (2 if self.case.spec.partial.commitments == "half" else 1)

    @property
    def vocabulary(self) -> Vocabulary:
        """Names and dates an event may use."""
        return self.case.spec.vocabulary
