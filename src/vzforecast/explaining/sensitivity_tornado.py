"""The lines of a tornado: a probability with each prior shifted to either end of itself."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from vzforecast.explaining.leaving import MIN_ESS_PER_CHAIN, failure
from vzforecast.explaining.left import Left, Mean, as_it_is
from vzforecast.explaining.powerscale import weighed
from vzforecast.explaining.precision import clear
from vzforecast.explaining.refits import FAILED, refitted
from vzforecast.explaining.sensitivity_blocks import NOT_SAMPLED, block_of
from vzforecast.explaining.sensitivity_priors import Ruled, log_density, tail_shape
from vzforecast.explaining.sensitivity_shifts import ENDS, Shift, median, shifted
from vzforecast.forecast import Forecast
from vzforecast.latent import Array

_END_COLUMNS: Final = ("at", "probability", "probability_mcse", "points", "mcse", "khat", "path", "clear")
TORNADO_COLUMNS: Final = [
    *("block", "median"),
    *(f"{end}_{column}" for end in ENDS for column in _END_COLUMNS),
    *("swing", "swing_mcse", "clear", "why_not"),
]
_POINTS: Final = 100.0

Targets = Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class End:
    """What is known of the targets with one prior at one end.

    Attributes
    ----------
    shift : Shift
        The prior, and where its median stands.
    left : Left or None
        The draws weighted to it; None where no draw knows the prior, or in place of weights that fail.
    refit : Forecast or None
        A fit with it, if one was made.
    khat : float
        Of the weights, or of what the spread of the draws makes of them if that is larger, also of those that fail; NaN
        if there are none.
    why_not : str
        Why there is no number, if there is none.
    """

    shift: Shift
    left: Left | None
    refit: Forecast | None
    khat: float
    why_not: str

    @property
    def path(self) -> str:
        """How the number was found; blank if there is none."""
        return "refit" if self.refit is not None else "reweight" if self.left is not None else ""


def weighted_end(fc: Forecast, prior_id: str, ruled: Mapping[str, Ruled], quantile: float) -> End:
    """Weigh the draws of a forecast as if the median of a prior stood at one of its old quantiles."""
    shift = shifted(prior_id, fc.case.prior_specs[prior_id], quantile)
    if prior_id not in ruled:
        return End(shift, None, None, np.nan, NOT_SAMPLED)
    own = ruled[prior_id]
    ratio = log_density(fc.draws, fc.design, own, shift.prior) - log_density(fc.draws, fc.design, own)
    left = weighed(fc, ratio)
    khat = max(left.khat, tail_shape(fc.draws, fc.design, own, shift.prior))
    why_not = failure(fc, left, khat, MIN_ESS_PER_CHAIN)
    return End(shift, None if why_not else left, None, khat, why_not)


def fitted_end(fc: Forecast, prior_id: str, end: End, *, cache: bool) -> End:
    """Fit again with the shifted prior, where weights gave no number."""
    if end.path:
        return end
    fitted = refitted(fc, fc.case.with_prior(prior_id, end.shift.prior), cache=cache)
    if not fitted.ok:
        return replace(end, why_not=f"{FAILED}: {fitted.diagnostics.text}")
    return replace(end, refit=fitted, why_not="")


def tornado_tables(
    fc: Forecast,
    prior_ids: Iterable[str],
    ends: Callable[[str, float], End],
    targets: Targets,
    shares_of: Callable[[Forecast], Targets],
) -> dict[str, pd.DataFrame]:
    """Return the tornado of each target.

    Parameters
    ----------
    fc : Forecast
        Whose priors are shifted.
    prior_ids : iterable of str
        Which of them.
    ends : callable
        Takes a prior and a quantile; returns what is known with its median there.
    targets : mapping of str to ndarray, dims (sample,)
        Share of the paths of each draw on which each target happens.
    shares_of : callable
        Returns the same of another forecast.

    Returns
    -------
    dict of str to DataFrame
        By target; index ``prior``, those that clearly move it first, by the size of what each moves.
    """
    lines: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in targets}
    for prior_id in prior_ids:
        found = {end: ends(prior_id, quantile) for end, quantile in ENDS.items()}
        others = {end: shares_of(one.refit) for end, one in found.items() if one.refit is not None}
        about = {"block": block_of(prior_id), "median": median(prior_id, fc.case.prior_specs[prior_id])}
        for name, shares in targets.items():
            refits = {end: other[name] for end, other in others.items()}
            lines[name][prior_id] = about | _line(fc, found, shares, refits)
    return {name: _table(own) for name, own in lines.items()}


def _line(fc: Forecast, ends: Mapping[str, End], shares: Array, refits: Mapping[str, Array]) -> dict[str, Any]:
    """Return the figures of one prior: of each end, and of the way from one to the other."""
    means = {name: _mean(fc, end, shares, refits.get(name)) for name, end in ends.items()}
    here, line = Mean(fc, as_it_is(fc), shares), dict[str, Any]()
    for name, end in ends.items():
        line |= {f"{name}_at": end.shift.at, f"{name}_khat": end.khat, f"{name}_path": end.path}
        moved = _moved(here, means[name])
        line |= {f"{name}_{column}": value for column, value in moved.items()}
        line[f"{name}_probability"] = here.value + moved["points"] / _POINTS
        line[f"{name}_probability_mcse"] = np.nan if (mean := means[name]) is None else mean.error
    way = _moved(means["low"], means["high"])
    reasons = dict.fromkeys(f"{name}: {end.why_not}" for name, end in ends.items() if end.why_not)
    return line | {
        "swing": way["points"],
        "swing_mcse": way["mcse"],
        "clear": way["clear"] or (np.isnan(way["points"]) and any(line[f"{name}_clear"] for name in ends)),
        "why_not": "; ".join(reasons),
    }


def _mean(fc: Forecast, end: End, shares: Array, refitted_shares: Array | None) -> Mean | None:
    """Return the mean of a target at one end; None if there is no number."""
    if end.refit is not None and refitted_shares is not None:
        return Mean(end.refit, as_it_is(end.refit), refitted_shares)
    return None if end.left is None else Mean(fc, end.left, shares)


def _moved(start: Mean | None, end: Mean | None) -> dict[str, Any]:
    """Return by how many points one mean differs from another; those of two fits err independently."""
    if start is None or end is None:
        return {"points": np.nan, "mcse": np.nan, "clear": False}
    points, mcse = (_POINTS * figure for figure in end.less(start))
    return {"points": points, "mcse": mcse, "clear": clear(points, mcse)}


def _table(lines: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame(list(lines.values()), index=pd.Index(list(lines), name="prior"), columns=TORNADO_COLUMNS)
    moved = table[[*(f"{end}_points" for end in ENDS), "swing"]].abs().max(axis=1)
    order = pd.DataFrame({"clear": table["clear"], "moved": moved}).sort_values(
        ["clear", "moved"], ascending=False, kind="stable", na_position="last"
    )
    return table.loc[order.index].astype({name: bool for name in table if str(name).endswith("clear")})
