"""Power-scaling and shifted priors against closed forms, ArviZ, scipy and the model's own encoder."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

import vzforecast as vz
from helpers.cases import skeleton, with_recurrent
from helpers.stacks import island_stack
from helpers.synthetic import synthetic_forecast
from vzforecast.case.structure import CENTRED
from vzforecast.explaining.powerscale import PowerScaling, cumulative_distance, weighed
from vzforecast.explaining.precision import standard_error
from vzforecast.explaining.sensitivity_blocks import densities
from vzforecast.explaining.sensitivity_priors import CONTRASTS, Ruled, log_density, ruled_by
from vzforecast.explaining.sensitivity_shifts import ENDS, shifted
from vzforecast.explaining.sensitivity_tornado import weighted_end
from vzforecast.forecast import Forecast
from vzforecast.history import Known
from vzforecast.likelihood import log_likelihood
from vzforecast.names import POSTERIOR
from vzforecast.priors import PriorSpec

BROKEN = "ever(fishing_truce = broken) by 2024-12-31"
Floats = NDArray[np.float64]


@pytest.fixture(scope="module")
def fc() -> Forecast:
    """Draws of the priors as declared, as if there were no rows: a shifted posterior is a shifted prior."""
    return synthetic_forecast(with_recurrent(), "2024-04-15", draws=2000, chains=4, paths=2, width=1.0)


@pytest.fixture(scope="module")
def half() -> Forecast:
    return synthetic_forecast(skeleton().with_partial("half"), "2024-04-15", draws=400, paths=6, width=0.3)


# --- Power-scaling ------------------------------------------------------------------------------------------


class Conjugate:
    """A normal mean with a normal prior, seen once through normal noise; scaled, it is a normal mean again."""

    prior, prior_sd, seen, noise = 0.4, 1.2, -0.9, 0.8

    def mean(self, alpha: float, beta: float = 1.0) -> float:
        """Posterior mean with the prior to the power alpha and the likelihood to the power beta."""
        before, after = alpha / self.prior_sd**2, beta / self.noise**2
        return (before * self.prior + after * self.seen) / (before + after)

    def draws(self, size: int, seed: int) -> Floats:
        scale = (1.0 / self.prior_sd**2 + 1.0 / self.noise**2) ** -0.5
        return np.random.default_rng(seed).normal(self.mean(1.0), scale, size)

    def log_prior(self, theta: Floats) -> Floats:
        return np.asarray(-0.5 * ((theta - self.prior) / self.prior_sd) ** 2)

    def log_likelihood(self, theta: Floats) -> Floats:
        return np.asarray(-0.5 * ((theta - self.seen) / self.noise) ** 2)


def test_the_slope_of_a_conjugate_mean(fc: Forecast) -> None:
    law = Conjugate()
    theta = law.draws(fc.simulated.draws, 1)
    step = 1e-5
    for block, mean in (
        (law.log_prior(theta), law.mean),
        (law.log_likelihood(theta), lambda alpha: law.mean(1.0, alpha)),
    ):
        found = PowerScaling.of(fc, block).measured(theta)
        exact = np.log(2.0) * (mean(1.0 + step) - mean(1.0 - step)) / (2.0 * step)
        assert found.slope == pytest.approx(exact, abs=4 * found.slope_mcse)
        assert found.slope_mcse < 0.1 * abs(exact)
    both = PowerScaling.of(fc, law.log_prior(theta) + law.log_likelihood(theta)).measured(theta)
    assert abs(both.slope) < 4 * both.slope_mcse, "prior and likelihood together narrow the posterior and move nothing"


@pytest.mark.parametrize("alpha", [0.5, 0.8, 1.25, 2.0])
def test_a_conjugate_mean_with_more_or_less_of_its_prior(fc: Forecast, alpha: float) -> None:
    law = Conjugate()
    theta = law.draws(fc.simulated.draws, 2)
    left = weighed(fc, (alpha - 1.0) * law.log_prior(theta))
    assert left.safe
    error = standard_error(fc, (left.weights, theta))
    assert left.weights @ theta == pytest.approx(law.mean(alpha), abs=4 * error)
    assert error < 0.03


def test_psense_is_that_of_arviz_on_even_weights(fc: Forecast) -> None:
    from arviz_stats import psense  # noqa: PLC0415 - seconds to import

    random = np.random.default_rng(4)
    theta = random.normal(size=fc.simulated.draws)
    share = random.binomial(10, 1.0 / (1.0 + np.exp(-theta))) / 10.0  # in steps, as shares of paths are
    shape = (fc.chains, -1)
    for block in (-0.5 * (theta - 1.0) ** 2, 0.8 * theta, random.normal(size=theta.size)):
        groups = {"posterior": {"share": share, "theta": theta}, "log_prior": {"block": block}}
        tree = xr.DataTree.from_dict(
            {
                group: xr.Dataset({k: (("chain", "draw"), v.reshape(shape)) for k, v in values.items()})
                for group, values in groups.items()
            }
        )
        theirs = psense(tree, group="prior")
        scaling = PowerScaling.of(fc, block)
        assert scaling.measured(share).psense == pytest.approx(float(theirs["share"]), rel=0.02, abs=2e-4)
        assert scaling.measured(theta).psense == pytest.approx(float(theirs["theta"]), rel=0.02, abs=2e-4)


def test_psense_of_weighted_draws_is_that_of_draws_repeated() -> None:
    random = np.random.default_rng(6)
    theta, counts = random.normal(size=300), random.integers(1, 4, 300)
    widths, ends = np.diff(np.sort(theta)), np.exp(0.3 * theta)
    order = np.argsort(theta)
    weighted = cumulative_distance(widths, (counts / counts.sum())[order], (counts * ends / (counts @ ends))[order])
    repeated = np.repeat(theta, counts)
    steps, place = np.unique(repeated, return_inverse=True)
    even = np.bincount(place) / repeated.size
    scaled = np.bincount(place, np.exp(0.3 * repeated))
    assert weighted == pytest.approx(cumulative_distance(np.diff(steps), even, scaled / scaled.sum()))
    assert weighted > 0.0


def test_the_error_of_psense_is_its_scatter(fc: Forecast) -> None:
    found = []
    for seed in range(40):
        random = np.random.default_rng(100 + seed)
        theta = random.normal(size=fc.simulated.draws)
        share = random.binomial(10, 1.0 / (1.0 + np.exp(-2.0 * theta))) / 10.0
        found.append(PowerScaling.of(fc, 0.4 * theta).measured(share))
    scatter = np.std([one.psense for one in found], ddof=1)
    assert 0.6 < np.mean([one.psense_mcse for one in found]) / scatter < 1.6


def test_a_block_that_says_nothing_about_an_event_moves_nothing(fc: Forecast) -> None:
    happens = fc.weights.shares(np.random.default_rng(3).random((fc.simulated.draws, 8)) < 0.3)[0]
    for values in densities(fc, ruled_by(fc.known)).values():
        found = PowerScaling.of(fc, values).measured(happens)
        assert abs(found.slope) < 4.5 * found.slope_mcse
        assert found.psense_mcse > 0.0


def test_blocks_of_rows_add_up_to_all_rows(fc: Forecast) -> None:
    found = densities(fc, ruled_by(fc.known))
    whole = sum(values.sum(axis=1) for values in log_likelihood(fc.draws, fc.design).values())
    np.testing.assert_allclose(found["likelihood", "all"], whole)
    own = [values for (kind, block), values in found.items() if kind == "prior" and block != "all"]
    np.testing.assert_allclose(found["prior", "all"], np.sum(own, axis=0))


# --- Which draws a prior rules ------------------------------------------------------------------------------


def test_every_prior_has_its_place_and_every_element_one_prior(fc: Forecast) -> None:
    for case in (fc.case, vz.load_case().known_on("2025-02-05")):
        known = Known(case)
        found = ruled_by(known)
        assert set(case.prior_specs) - set(found) == {"schedule.log_odds", "schedule.days"}
        for name, scale in known.design.priors.items():
            variable, _, part = name.rpartition("_")
            own = [one.elements for one in found.values() if one.variable == variable]
            if part == "sigma":
                assert own, f"{variable} is ruled by no prior"
                assert np.sum(own, axis=0).max() <= 1, f"an element of {variable} has two priors"
                assert own[0].shape[-1:] == np.shape(scale)[-1:] or not np.shape(scale)


@pytest.mark.parametrize("end", [0.05, 0.95])
def test_the_ratio_is_that_of_the_case_with_the_shifted_prior(fc: Forecast, end: float) -> None:
    """By the arrays that the model would be given; where only differences are read, see below."""
    checked = 0
    for prior_id, own in ruled_by(fc.known).items():
        if own.variable in CONTRASTS:
            continue
        shift = shifted(prior_id, fc.case.prior_specs[prior_id], end)
        other = Known(fc.case.with_prior(prior_id, shift.prior)).design.priors
        ratio = np.zeros(fc.simulated.draws)
        for numbers, sign in ((other, 1.0), (fc.design.priors, -1.0)):
            mu = numbers.get(f"{own.variable}_mu", np.zeros(()))
            values = stats.norm(mu, numbers[f"{own.variable}_sigma"]).logpdf(fc.draws[own.variable])
            ratio += sign * np.where(own.elements, values, 0.0).reshape(len(ratio), -1).sum(axis=1)
        mine = log_density(fc.draws, fc.design, own, shift.prior) - log_density(fc.draws, fc.design, own)
        np.testing.assert_allclose(mine - mine.mean(), ratio - ratio.mean(), atol=1e-9)
        checked += 1
    assert checked > 20


def test_of_differences_the_density_is_that_of_any_basis_of_them() -> None:
    case = vz.load_case().known_on("2025-02-05")
    fc = synthetic_forecast(case, draws=50, paths=2)
    own = ruled_by(fc.known)["leverage.sanctions.oil"]
    row = int(np.flatnonzero(own.elements.any(axis=1))[0])
    shift = shifted("leverage.sanctions.oil", case.prior_specs["leverage.sanctions.oil"], 0.95)
    values, basis = fc.draws["leverage"][:, row], np.array([[1.0, 0.0, -1.0], [0.0, 1.0, -1.0]])
    mu, sigma = (fc.design.priors[f"leverage_{part}"][row].astype(float) for part in ("mu", "sigma"))
    moved = np.where(own.elements[row], shift.prior.mu, mu)
    covariance = basis @ np.diag(sigma**2) @ basis.T
    old, new = (stats.multivariate_normal(basis @ one, covariance) for one in (mu, moved))
    expected = new.logpdf(values @ basis.T) - old.logpdf(values @ basis.T)
    found = log_density(fc.draws, fc.design, own, shift.prior) - log_density(fc.draws, fc.design, own)
    np.testing.assert_allclose(found - found.mean(), expected - expected.mean(), atol=1e-9)


# --- The tornado --------------------------------------------------------------------------------------------


def test_medians_stand_where_they_should() -> None:
    laws = {
        "normal": (PriorSpec("normal", 0.4, 0.7), lambda p: stats.norm(p.mu, p.sigma)),
        "log_normal": (PriorSpec("log_normal", -1.0, 0.6), lambda p: stats.lognorm(p.sigma, scale=np.exp(p.mu))),
        "half_normal": (PriorSpec("half_normal", None, 0.5), lambda p: stats.halfnorm(scale=p.sigma)),
        CENTRED[0]: (PriorSpec("normal", 0.0, 2.0), lambda p: stats.halfnorm(scale=p.sigma)),  # of the size
    }
    for name, (prior, law) in laws.items():
        for quantile in (0.05, 0.5, 0.95):
            shift = shifted(name, prior, quantile)
            assert law(shift.prior).median() == pytest.approx(law(prior).ppf(quantile), rel=1e-9)
            assert shift.at == pytest.approx(law(prior).ppf(quantile), rel=1e-9)
        if name in ("normal", "log_normal"):
            assert shifted(name, prior, 0.95).prior.sigma == prior.sigma
        points = [shifted(name, prior, quantile).at for quantile in (0.05, 0.5, 0.95)]
        assert all(one < other for one, other in pairwise(points))


def test_every_prior_moves_what_it_rules_to_its_new_mean(fc: Forecast) -> None:
    ruled, safe = ruled_by(fc.known), 0
    for prior_id, own in ruled.items():
        for quantile in ENDS.values():
            end = weighted_end(fc, prior_id, ruled, quantile)
            if end.left is None or not own.elements.any():
                continue
            values, expected = _moment(fc, own, end.shift.prior)
            error = standard_error(fc, (end.left.weights, values))
            assert end.left.weights @ values == pytest.approx(expected, abs=4.5 * error), (prior_id, quantile)
            safe += 1
    assert safe > 0.6 * len(ENDS) * len(ruled), "most ends can be weighted"


def test_weights_that_pass_by_luck_are_refused(fc: Forecast) -> None:
    """A half-normal scale that the data say nothing about, at its 95 % point: shape 0.88, whatever the draws show."""
    ruled = ruled_by(fc.known)
    for prior_id in ("influence.tau", "tension.psi", "spread.promise.kind"):
        end = weighted_end(fc, prior_id, ruled, 0.95)
        assert end.left is None
        assert end.why_not == f"k-hat {end.khat:.2f} is not below 0.70"
        drawn = fc.draws[ruled[prior_id].variable][:, ruled[prior_id].elements]
        share = (drawn**2).mean() / fc.case.prior_specs[prior_id].sigma ** 2  # of the scale that the prior has
        assert end.khat >= share * (1.0 - (0.6744898 / 1.9599640) ** 2) - 1e-6


def test_weights_of_too_few_draws_are_refused(fc: Forecast) -> None:
    """Of the 8,000 draws hardly any are where five quantities at once are shifted to."""
    ruled = ruled_by(fc.known)
    many = Ruled("delta", np.broadcast_to(np.any([ruled["delta.onset.ferry_permit"].elements], axis=0), (2, 3)) | True)
    end = weighted_end(fc, "delta.onset.ferry_permit", {"delta.onset.ferry_permit": many}, 0.95)
    assert end.left is None
    alone = weighted_end(fc, "delta.onset.ferry_permit", ruled, 0.95)
    assert alone.left is not None
    few = synthetic_forecast(fc.case, draws=250, chains=4, paths=2, width=1.0)
    end = weighted_end(few, "delta.onset.ferry_permit", ruled_by(few.known), 0.95)
    assert end.why_not.startswith(("ESS ", "k-hat "))


def _moment(fc: Forecast, own: Ruled, prior: PriorSpec) -> tuple[Floats, float]:
    """Return a function of the first element that a prior rules, and its mean under that prior."""
    place = tuple(np.argwhere(own.elements)[0])
    values = fc.draws[own.variable]
    mine = values[(slice(None), *place)]
    if own.variable not in CONTRASTS:
        return mine, prior.sigma * np.sqrt(2.0 / np.pi) if prior.mu is None else prior.mu
    size = values.shape[-1]
    apart = mine - values[(slice(None), *place[:-1])].mean(axis=-1)
    if own.elements.sum() > 1:  # a scale of many: the mean square of a difference
        return apart**2, prior.sigma**2 * (1.0 - 1.0 / size)
    mu = np.array(fc.design.priors[f"{own.variable}_mu"][place[:-1]], dtype=float)
    mu[place[-1]] = prior.mu
    return apart, float(mu[place[-1]] - mu.mean())


@pytest.mark.parametrize("quantile", [0.05, 0.95])
def test_a_half_normal_scale_that_was_seen(fc: Forecast, quantile: float) -> None:
    """Seen once through normal noise, a half-normal quantity is a truncated normal one, whatever its scale."""
    scale, seen, noise = fc.case.prior_specs["tension.psi"].sigma, 0.35, 0.2

    def posterior(sigma: float) -> stats.rv_continuous:
        precision = 1.0 / sigma**2 + 1.0 / noise**2
        mean = seen / noise**2 / precision
        return stats.truncnorm(-mean * precision**0.5, np.inf, loc=mean, scale=precision**-0.5)

    drawn = posterior(scale).rvs(fc.simulated.draws, random_state=np.random.default_rng(8))
    draws = fc.posterior[POSTERIOR].to_dataset().assign(psi=(("chain", "draw"), drawn.reshape(fc.chains, -1)))
    own = replace(fc, posterior=xr.DataTree.from_dict({POSTERIOR: draws}))
    end = weighted_end(own, "tension.psi", ruled_by(own.known), quantile)
    assert end.left is not None, end.why_not
    error = standard_error(own, (end.left.weights, drawn))
    assert end.left.weights @ drawn == pytest.approx(posterior(end.shift.prior.sigma).mean(), abs=4 * error)
    assert abs(posterior(end.shift.prior.sigma).mean() - posterior(scale).mean()) > 2 * error


# --- Pools of fits ------------------------------------------------------------------------------------------


def test_what_a_fit_of_a_pool_counts_stays(half: Forecast) -> None:
    stack = island_stack()
    for fc in (half, stack):
        random = np.random.default_rng(5).normal(size=fc.simulated.draws)
        base = np.full(random.size, 1.0 / random.size) if fc.weights.of_draws is None else fc.weights.of_draws
        random += np.repeat(np.arange(fc.readings), random.size // fc.readings)  # another level in each fit
        parts = weighed(fc, 0.3 * random).weights.reshape(fc.readings, -1).sum(axis=1)
        assert parts == pytest.approx(base.reshape(fc.readings, -1).sum(axis=1))


def test_a_judgement_weighs_the_fits_of_a_pool_anew(half: Forecast) -> None:
    """As if the judgement came after the shift: rows first, each fit normalised, then the paths."""
    judged = vz.update(half, [vz.LikelihoodJudgement(date="2024-04-15", event=BROKEN, ratio=4.0)])
    ratio = 0.05 * half.draws["log_rate"][:, 0]
    rows = np.exp(ratio).reshape(2, -1)
    rows = (rows / rows.sum(axis=1, keepdims=True)).ravel()
    assert judged.weights.path is not None
    exact = rows * judged.weights.path.mean(axis=1)
    exact /= exact.sum()
    found = weighed(judged, ratio).weights.reshape(2, -1).sum(axis=1)
    assert found == pytest.approx(exact.reshape(2, -1).sum(axis=1), rel=1e-9)
    assert abs(found[0] - 0.5) > 1e-4, "the two readings differ"


def test_the_slope_of_a_pool_is_that_of_its_weights(half: Forecast) -> None:
    judged = vz.update(half, [vz.LikelihoodJudgement(date="2024-04-15", event=BROKEN, ratio=4.0)])
    own = half.draws["log_rate"][:, 0]
    share = np.exp(own)
    assert judged.weights.path is not None
    path = judged.weights.path.mean(axis=1)

    def mean(alpha: float) -> float:
        rows = np.exp((alpha - 1.0) * own).reshape(2, -1)
        weights = (rows / rows.sum(axis=1, keepdims=True)).ravel() * path
        return float(weights @ share / weights.sum())

    exact = np.log(2.0) * (mean(1.0001) - mean(0.9999)) / 0.0002
    assert PowerScaling.of(judged, own).measured(share).slope == pytest.approx(exact, rel=1e-6)


@pytest.mark.parametrize("judgement", [False, True])
def test_the_error_of_the_slope_of_a_pool_is_its_scatter(half: Forecast, judgement: bool) -> None:
    """Fits of other levels: what is centred within each adds no error but that of what judgements move."""
    fc, size, random = half, half.simulated.draws, np.random.default_rng(11)
    level = np.repeat([0.0, 1.0], size // 2)
    if judgement:
        fc = vz.update(half, [vz.LikelihoodJudgement(date="2024-04-15", event=BROKEN, ratio=20.0)])
    found = []
    for _ in range(120):
        density = random.normal(size=size)
        one = PowerScaling.of(fc, density).measured(level + 0.1 * density * random.normal(size=size))
        found.append((one.slope, one.slope_mcse))
    slopes, errors = np.array(found).T
    assert errors.mean() == pytest.approx(slopes.std(), rel=0.3)


def test_a_forecast_weighted_by_news_is_weighted_further() -> None:
    """The ratio multiplies the weights that are there, before anything is smoothed."""
    fc = synthetic_forecast(skeleton(), "2024-04-15", draws=400, paths=6, width=0.3)
    signal = vz.Signal(date="2024-04-16", kind="statement", strength=1, faction="wardens")
    updated = vz.update(fc, [signal], method="reweight")
    base = updated.weights.of_draws
    assert base is not None
    ratio = 0.2 * fc.draws["psi"]
    expected = base * np.exp(ratio)
    found = weighed(updated, ratio)
    inner = expected < np.quantile(expected, 0.5)  # the largest are smoothed
    scale = (found.weights / expected)[inner]
    assert scale == pytest.approx(np.full(scale.size, scale[0]))
    assert pd.Series(found.weights).corr(pd.Series(expected)) > 0.999
