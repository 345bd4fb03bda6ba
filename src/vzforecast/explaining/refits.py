"""A forecast fitted once more to another case, with everything else about it kept."""

from dataclasses import replace
from typing import Any, Final

from vzforecast.case import Case
from vzforecast.errors import Fault, InterventionError
from vzforecast.fitting import fit_known
from vzforecast.forecast import Forecast
from vzforecast.forecast.posterior import places
from vzforecast.history import Known
from vzforecast.stacking.stacking import pooled
from vzforecast.updating.basis import Basis

# What is said in place of a figure from a fit that did not pass, before why.
FAILED: Final = "the refit failed its diagnostics"


def refitted(fc: Forecast, case: Case, *, cache: bool = True, progress: bool | None = None) -> Forecast:
    """Fit another case with the settings, the seed, the variants and the judgements of a forecast.

    Members of a stack count as they do in it: their weights answer for foresight of months, and are not for single rows
    or priors to move. So no past month is fitted again.

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
        A fit, or a stack of the same members; what was judged of events counts as it did.

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
    fitting: dict[str, Any] = {"places": known.room, "cache": cache, "progress": progress}

    def own(variant: Case) -> Forecast:
        return fit_known(variant, basis.settings, basis.seed, **fitting)

    if fc.averaged is None:
        fitted = own(case)
    else:
        kept = replace(fc.averaged, weights=fc.averaged.in_force, now=None)
        parts = {name: own(case.without(*terms)) for name, terms in kept.members.items()}
        fitted = pooled(case, parts, kept)
    if fc.revision is None:
        return fitted
    revision = replace(fc.revision, basis=fitted.known, known=fitted.known, draw_weights=None)
    return replace(fitted, revision=revision)
