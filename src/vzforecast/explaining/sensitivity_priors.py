"""Where in the draws each declared prior stands, and its log density there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vzforecast.history import Design, Known, encode
from vzforecast.latent import Array, Draws, free_kinds
from vzforecast.priors import PriorSpec

# Of these only differences between factions, the last dim, are read: the density is that of the differences.
CONTRASTS: Final = frozenset({"leverage", "leverage_doubt", "bearing_effect"})


@dataclass(frozen=True, eq=False)
class Ruled:
    """The elements of one variable that one prior stands for.

    Attributes
    ----------
    variable : str
        Name among the free variables of the model.
    elements : ndarray of bool, dims those of the variable
        Which of them, as far as anything reads them. What nothing reads keeps its prior in every draw and is
        independent of all else: its ratio would only add noise.
    """

    variable: str
    elements: NDArray[np.bool_]


def ruled_by(known: Known) -> dict[str, Ruled]:
    """Return the elements of the draws that each prior of a case stands for.

    The model's own encoder is asked, with a number in place of each scale, so that there is no second list of ids.

    Parameters
    ----------
    known : Known
        A case cut to a day, as rows for some draws.

    Returns
    -------
    dict of str to Ruled
        By prior id; one that is read before the draws are made (of the schedule) is not in it.

    Examples
    --------
    >>> ruled_by(fc.known)["tension.psi"].variable  # doctest: +SKIP
    'psi'
    """
    ids = list(known.case.prior_specs)
    numbered = {
        name: replace(prior, sigma=float(number), interval=None)
        for number, (name, prior) in enumerate(known.case.prior_specs.items(), start=1)
    }
    scales = encode(known.history, numbered, half_life=known.case.spec.tension.half_life_months).priors
    read = _read(known)
    found = {}
    for name, numbers in scales.items():
        variable, _, part = name.rpartition("_")
        for number in np.unique(numbers) if part == "sigma" else ():
            elements = np.asarray(numbers == number)
            shape = np.shape(read.get(variable, elements))  # a scale of all elements may be given once
            whole = np.broadcast_to(elements, shape) & read.get(variable, np.True_)
            found[ids[int(number) - 1]] = Ruled(variable, np.asarray(whole))
    return found


def _read(known: Known) -> dict[str, NDArray[np.bool_]]:
    """Return which elements of a variable anything reads, where it is not all of them or where dims are not told."""
    design, lasting = known.design, ~known.history.recurrent
    factions = len(known.history.factions)
    seen: NDArray[Any] = design.data["signal_kind_index"]
    return {
        "log_kappa": np.isin(np.arange(len(known.history.signal_kinds)), seen) & (free_kinds(design) > 0.0),
        "delta": np.stack([np.ones_like(lasting), lasting]),
        "leverage_doubt": np.repeat(lasting[:, None], factions, axis=1),
        "bearing_effect": np.ones((len(design.coords["bearing"]), factions), dtype=np.bool_),
    }


def log_density(draws: Draws, design: Design, ruled: Ruled, numbers: PriorSpec | None = None) -> Array:
    r"""Return the log density of the elements of a prior in each draw, up to a constant.

    :math:`-\sum_i (x_i - \mu_i)^2 / 2 \sigma_i^2`, of a half-normal with :math:`\mu = 0`. Where only differences
    between factions are read, that of :math:`y = Q^T x` for an orthonormal basis *Q* of the differences,
    :math:`-(y - Q^T \mu)^T (Q^T \Sigma Q)^{-1} (y - Q^T \mu) / 2`: the rest has the same law under either prior and is
    integrated out.

    Parameters
    ----------
    draws : mapping of str to ndarray
        Free variables, leading dim ``sample``.
    design : Design
        Numbers of all priors.
    ruled : Ruled
        The elements.
    numbers : PriorSpec, optional
        What takes the place of their prior; by default it stays.

    Returns
    -------
    ndarray, dims (sample,)
        In nats.
    """
    values, elements = draws[ruled.variable], ruled.elements
    mu, sigma = (_placed(design.priors, ruled, part, numbers) for part in ("mu", "sigma"))
    if ruled.variable not in CONTRASTS:
        apart = (values[:, elements] - mu[elements]) / sigma[elements]
        return np.asarray(-0.5 * (apart**2).sum(axis=1))
    rows = elements.any(axis=-1)
    basis = _differences(values.shape[-1])
    apart = values[:, rows] @ basis - mu[rows] @ basis
    precision = np.linalg.inv(np.einsum("kc,rk,kd->rcd", basis, sigma[rows] ** 2, basis))
    return np.asarray(-0.5 * np.einsum("src,rcd,srd->s", apart, precision, apart, optimize=True))


def tail_shape(draws: Draws, design: Design, ruled: Ruled, numbers: PriorSpec) -> float:
    r"""Return the shape of the tail of the ratios that a wider prior gives to draws as spread as these.

    Of a normal quantity of spread s about the location the ratio :math:`e^{x^2 (1 / \sigma^2 - 1 / \sigma'^2) / 2}` has
    a Pareto tail of shape :math:`s^2 (1 / \sigma^2 - 1 / \sigma'^2)`. What draws show of such a tail falls short of it:
    where the data are silent it is 0.88 for a half-normal at its 95 % point, and k-hat passes one time in five.

    Parameters
    ----------
    draws : mapping of str to ndarray
        Free variables, leading dim ``sample``.
    design : Design
        Numbers of all priors.
    ruled : Ruled
        The elements.
    numbers : PriorSpec
        What takes the place of their prior.

    Returns
    -------
    float
        The largest over the elements; -inf for a prior that only moves or gets narrower.
    """
    values = draws[ruled.variable]
    mu, sigma = (_placed(design.priors, ruled, part, None) for part in ("mu", "sigma"))
    wider = ruled.elements & (sigma < numbers.sigma)
    if not wider.any():
        return -np.inf
    apart = values - mu
    if ruled.variable in CONTRASTS:
        size = values.shape[-1]
        apart = (apart - apart.mean(axis=-1, keepdims=True)) * np.sqrt(size / max(size - 1.0, 1.0))
    steeper = 1.0 / sigma[wider] ** 2 - 1.0 / numbers.sigma**2
    return float(np.max((apart[:, wider] ** 2).mean(axis=0) * steeper))


def _placed(priors: Mapping[str, NDArray[Any]], ruled: Ruled, part: str, numbers: PriorSpec | None) -> Array:
    """Return locations or scales of a variable, dims of the variable, with those of one prior replaced."""
    old = np.asarray(priors.get(f"{ruled.variable}_{part}", 0.0), dtype=float)
    whole = np.broadcast_to(old, ruled.elements.shape)
    if numbers is None:
        return whole
    new = numbers.sigma if part == "sigma" else (numbers.mu or 0.0)
    return np.where(ruled.elements, new, whole)


def _differences(size: int) -> Array:
    """Return an orthonormal basis of the differences between so many values, dims (value, size - 1)."""
    centring = np.eye(size) - 1.0 / size
    return np.asarray(np.linalg.svd(centring)[0][:, : size - 1])
