"""Draws from the prior, of which both ``prior_check`` and ``prior_predictive`` make their tables."""

from vzforecast.forecast.posterior import stacked, switched_off
from vzforecast.history import Design
from vzforecast.latent import Draws
from vzforecast.settings import checked_seed


def prior_draws(design: Design, draws: int, seed: int) -> Draws:
    """Return draws from the prior of the very model that is fitted, what the design does without at 0.

    Parameters
    ----------
    design : Design
        Its rows shape the model; what was observed on them does not matter.
    draws : int
        How many.
    seed : int
        The same seed gives the same draws.

    Returns
    -------
    mapping of str to ndarray
        Free variables, each with leading dim ``sample``.

    Raises
    ------
    SettingsError
        If the seed is out of range.
    """
    # Only here and where a fit samples does anything need PyMC.
    from vzforecast.inference import sample_prior  # noqa: PLC0415
    from vzforecast.model import build_model  # noqa: PLC0415

    return stacked(switched_off(sample_prior(build_model(design), draws, checked_seed(seed)), design))
