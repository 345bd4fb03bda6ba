"""How much to sample: settings that change the cost and the error of an answer, never its meaning."""

from dataclasses import asdict, dataclass
from typing import Literal, get_args

from vzforecast.errors import SettingsError
from vzforecast.inputs.wording import choices

# How a forecast gets to a later date; see `vzforecast.update`.
Method = Literal["auto", "reweight", "move", "refit"]

# How the forecast of a past day comes about; see `vzforecast.backtest`.
Strategy = Literal["refit", "update", "none"]

# What a fit samples: the density compiled from the PyMC model, or the same density written out in numba.
Density = Literal["pymc", "written"]


@dataclass(frozen=True)
class SamplerSettings:
    """Settings of the sampler and of the path simulation.

    Attributes
    ----------
    draws : int
        Draws kept per chain.
    tune : int
        Draws spent on tuning per chain.
    chains : int
        Independent chains; at least two, or their agreement cannot be checked.
    target_accept : float
        Target acceptance probability of NUTS, between 0.5 and 1.
    paths : int
        Simulated paths per draw; at least two, or simulation noise cannot be taken out of intervals.
    density : {"pymc", "written"}
        Of what NUTS samples. ``pymc``: compiled from the ``pm.Model``. ``written``: the same density and gradient
        written out in numba, three times as fast and without a model to compile in every process. Draws of one
        seed differ, the posterior does not.

    Raises
    ------
    SettingsError
        If a setting is outside its range.

    Examples
    --------
    >>> SamplerSettings(draws=500).total
    2000
    """

    draws: int = 1500
    tune: int = 500
    chains: int = 4
    target_accept: float = 0.9
    paths: int = 25
    density: Density = "pymc"

    def __post_init__(self) -> None:
        least = {"draws": 50, "tune": 50, "chains": 2, "paths": 2}
        for name, bound in least.items():
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < bound:
                raise SettingsError(f"{name} is {value!r}; give a whole number of at least {bound}")
        target: object = self.target_accept
        if not isinstance(target, int | float) or not 0.5 <= target < 1.0:
            raise SettingsError(f"target_accept is {target!r}; give a number from 0.5 to below 1")
        density: object = self.density
        if not isinstance(density, str) or density not in get_args(Density):
            raise SettingsError(f"density is {density!r}; {choices(str(density), get_args(Density))}")

    @property
    def total(self) -> int:
        """Posterior draws over all chains."""
        return self.draws * self.chains

    def as_dict(self) -> dict[str, int | float | str]:
        """Return the settings by name.

        Returns
        -------
        dict
            Every setting.
        """
        return asdict(self)


def density_for(strategy: Strategy) -> Density:
    """Return the density that fits of a backtest sample unless told otherwise.

    Chains of updates move draws on the density written out in numba, and begin with a fit of the same.

    Parameters
    ----------
    strategy : {"refit", "update", "none"}
        Of the backtest.

    Returns
    -------
    {"pymc", "written"}
        For ``SamplerSettings.density``.

    Examples
    --------
    >>> density_for("update")
    'written'
    """
    return "written" if strategy == "update" else "pymc"


def checked_seed(seed: int) -> int:
    """Return a seed that every part accepts, or raise.

    Raises
    ------
    SettingsError
        If it is not a whole number from 0 to 2**32 - 1.
    """
    whole: object = seed  # callers may well pass what the annotation forbids
    if not isinstance(whole, int) or isinstance(whole, bool) or not 0 <= seed < 2**32:
        raise SettingsError(f"seed is {seed!r}; give a whole number from 0 to {2**32 - 1}")
    return seed
