"""A forecast fitted once more to another case, with everything else about it kept."""

from dataclasses import replace
from typing import Any

from vzforecast.case import Case
from vzforecast.errors import Fault, InterventionError
from vzforecast.fitting import fit_known
from vzforecast.forecast import Forecast
from vzforecast.forecast.posterior import places
from vzforecast.history import Known
from vzforecast.stacking import stack_known
from vzforecast.updating.basis import Basis


def refitted(fc: Forecast, case: Case, *, cache: bool = True, progress: bool | None = None) -> Forecast:
    """Fit another case with the settings, the seed, the variants and the judgements of a forecast.

    Parameters
    ----------
    fc : Forecast
        Not under an intervention.
    case : Case
        Cut to the same day, of the same labels: where the places of the draws suffice, nothing is compiled again.
    cache : bool, default True
        As in ``fit``.
    progress : bool, optional
        As in ``fit``.

    Returns
    -------
    Forecast
        A fit, or a stack of as many; what was judged of events counts as it did.

    Raises
    ------
    InterventionError
        The forecast is under an intervention.
    """
    if fc.intervened is not None:
        problem = "a fit says what will be, and not what would be under an intervention"
        remedy = "take refit=False, or ask the forecast that it was made from"
        raise InterventionError([Fault("intervention", "", str(fc.intervened), problem, remedy)])
    basis, known = Basis.of(fc), Known(case, places(fc.posterior))
    shape: dict[str, Any] = {"places": known.room, "cache": cache, "progress": progress}
    if fc.averaged is None:
        fitted = fit_known(case, basis.settings, basis.seed, **shape)
    else:
        fitted = stack_known(case, basis.settings, basis.seed, fc.averaged.members, **shape)
    if fc.revision is None:
        return fitted
    revision = replace(fc.revision, basis=fitted.known, known=fitted.known, draw_weights=None)
    return replace(fitted, revision=revision)
