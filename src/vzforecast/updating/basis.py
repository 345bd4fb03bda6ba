"""The last fit: what every update goes back to, so that weights are never put on weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

import xarray as xr

from vzforecast.case import Case
from vzforecast.convergence import ConvergenceReport
from vzforecast.errors import Fault, InterventionError
from vzforecast.evidence import Evidence
from vzforecast.forecast import Forecast
from vzforecast.forecast.averaged import Averaged
from vzforecast.forecast.revision import Revision
from vzforecast.history import Known
from vzforecast.settings import SamplerSettings


@dataclass(frozen=True, eq=False)
class Basis:
    """Draws of the last fit, and what they were fitted to.

    Attributes
    ----------
    known : Known
        What the fit knew.
    posterior : xarray.DataTree
        The draws. Steps of later months may be those of an update; an update draws them anew.
    diagnostics : ConvergenceReport
        The verdict on the fit.
    provenance : mapping
        Of the fit.
    fitted : tuple of Evidence
        Items whose rows are in it.
    files : Case or None
        The case without evidence, if its files were read again since; None if it is that of the fit.
    averaged : Averaged or None
        Members and weights, if it averages several fits.
    """

    known: Known
    posterior: xr.DataTree
    diagnostics: ConvergenceReport
    provenance: Mapping[str, Any]
    fitted: tuple[Evidence, ...]
    files: Case | None
    averaged: Averaged | None = None

    @classmethod
    def of(cls, forecast: Forecast) -> Self:
        """Return the fit behind a forecast, updated or not.

        Raises
        ------
        InterventionError
            The forecast is under an intervention.
        """
        if forecast.intervened is not None:
            problem = "the forecast says what would happen under it, not what will: there is nothing to update"
            remedy = "update the forecast that it was made from, then intervene again"
            raise InterventionError([Fault("intervention", "", str(forecast.intervened), problem, remedy)])
        revision = forecast.revision
        made = forecast.posterior, forecast.diagnostics, forecast.provenance
        if revision is None:
            return cls(forecast.known, *made, fitted=(), files=None, averaged=forecast.averaged)
        return cls(revision.basis, *made, revision.fitted, revision.files, forecast.averaged)

    @property
    def as_of(self) -> date:
        """The day up to which the fit knew."""
        return self.known.history.as_of

    @property
    def settings(self) -> SamplerSettings:
        """Settings of the fit."""
        return SamplerSettings(**self.provenance["settings"])

    @property
    def seed(self) -> int:
        """Seed of the fit."""
        return int(self.provenance["seed"])


def revision_of(forecast: Forecast) -> Revision:
    """Return the revision of a forecast that comes from an update.

    Raises
    ------
    ValueError
        It comes from a fit.
    """
    if forecast.revision is None:
        raise ValueError("a forecast that was never updated has no revision")
    return forecast.revision
