"""The paths of a forecast told once more under another law: the same random numbers, a few paths a draw."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from vzforecast.forecast import Forecast
from vzforecast.forecast.intervention import Intervened
from vzforecast.history import Known
from vzforecast.intervening.changes import changes_of
from vzforecast.latent import Draws

if TYPE_CHECKING:
    from vzforecast.simulate import Dynamics

# Paths of each draw: laws are compared on the same random numbers, so that few of them tell the difference.
PATHS: Final = 2


def retold(fc: Forecast, draws: Draws, known: Known, paths: int = PATHS) -> Forecast:
    """Simulate the future of a forecast again, by the law of some draws.

    Parameters
    ----------
    fc : Forecast
        Any; it stays as it is.
    draws : mapping of str to ndarray
        Free variables of the model, leading dim ``sample``, as many as the forecast has.
    known : Known
        The rows that paths start from.
    paths : int, default 2
        Paths of each draw.

    Returns
    -------
    Forecast
        As from `retold_by`.
    """
    return retold_by(fc, law_of(draws, known), known, paths)


def retold_by(fc: Forecast, law: "Dynamics", known: Known, paths: int = PATHS) -> Forecast:
    """Simulate the future of a forecast again, by a law that is at hand.

    Path r of draw j has the random numbers that it has in every other retelling of the forecast: where the law is the
    same, so is the path. What was judged of events weighs the new paths, by what they would be without interventions;
    interventions stay.

    Parameters
    ----------
    fc : Forecast
        Any; it stays as it is.
    law : Dynamics
        From `law_of`, or made of such a one.
    known : Known
        The rows that paths start from.
    paths : int, default 2
        Paths of each draw.

    Returns
    -------
    Forecast
        With other paths, and the posterior that it had.
    """
    from vzforecast.forecast.future import follow  # noqa: PLC0415 - numba, which no other answer needs

    simulate = partial(follow, law, known, paths=paths, seed=int(fc.provenance["seed"]))
    if fc.intervened is None:
        return replace(fc, simulated=simulate())
    weights = fc.weights if fc.weights.path is None else replace(fc, simulated=simulate(), intervened=None).weights
    changes = changes_of(fc.case, fc.history, fc.interventions)
    return replace(fc, simulated=simulate(changes=changes), intervened=Intervened(fc.interventions, weights))


def law_of(draws: Draws, known: Known) -> "Dynamics":
    """Return the law of the future that draws say, from what is known.

    Parameters
    ----------
    draws : mapping of str to ndarray
        Free variables of the model, leading dim ``sample``.
    known : Known
        As rows for these draws.

    Returns
    -------
    Dynamics
        From the states now.
    """
    from vzforecast.forecast.future import dynamics  # noqa: PLC0415 - numba, which no other answer needs

    return dynamics(draws, known.case, known.history, known.design)
