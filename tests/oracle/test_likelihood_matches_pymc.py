"""The PyMC model against two other routes: the library's numpy likelihood, and the model document written out in loops.

Nothing is compiled: PyMC's graphs run operation by operation in plain Python.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext
from math import log
from typing import Any

import numpy as np
import pymc as pm
import pytest
import xarray as xr
from scipy import stats
from scipy.special import expit, log_softmax

from helpers.cases import (
    design_of,
    embedded,
    skeleton,
    with_recurrent,
    without_couplings,
    without_covariates,
    without_groupings,
    without_news,
)
from helpers.models import PLAIN, Draws, prior_tree, pymc_log_likelihood, stack
from helpers.synthetic import DIMS
from vzforecast import latent, names
from vzforecast.case import Case
from vzforecast.forecast.posterior import switched_off
from vzforecast.history import Design, History, build_history
from vzforecast.likelihood import log_likelihood, row_log_rates
from vzforecast.model import build_model

OBSERVED = {names.FAVOURED: names.SIGNAL, names.LEAN: names.LEAN_ITEM, names.EVENTS: names.ROW}


CASES: dict[str, tuple[Callable[[], Case], str]] = {
    "embedded in February": (embedded, "2025-02-05"),
    "embedded in August": (embedded, "2025-08-31"),
    "skeleton": (skeleton, "2024-08-15"),
    "recurrent": (with_recurrent, "2024-08-15"),
    "no couplings": (without_couplings, "2024-08-15"),
    "no covariates": (without_covariates, "2024-08-15"),
    "no groupings": (without_groupings, "2024-08-15"),
    "no news": (without_news, "2024-08-15"),
    "coupling left out": (lambda: skeleton().without("coupling"), "2024-08-15"),
    "influence left out": (lambda: skeleton().without("influence"), "2024-08-15"),
    "tone left out": (lambda: skeleton().without("tone"), "2024-08-15"),
    "reference class only": (lambda: skeleton().without("coupling", "influence", "tone"), "2024-08-15"),
}
ABSENT = {"no couplings": {"coupling_effect"}, "no covariates": {"slope"}, "no groupings": {"spread", "level_offset"}}


class Built:
    """One case as far as draws from its prior."""

    def __init__(self, name: str) -> None:
        make, as_of = CASES[name]
        self.name = name
        self.case = make().known_on(as_of)
        self.history: History = build_history(self.case)
        self.design: Design = design_of(self.case, as_of)
        self.model: pm.Model = build_model(self.design)
        self.prior: xr.DataTree = prior_tree(self.model, 40, seed=8)
        self.raw: Draws = stack(self.prior["prior"])
        off = switched_off(xr.DataTree.from_dict({names.POSTERIOR: self.prior["prior"].to_dataset()}), self.design)
        self.draws: Draws = stack(off[names.POSTERIOR])  # as a fit hands them on


@pytest.fixture(scope="module", params=list(CASES))
def built(request: pytest.FixtureRequest) -> Built:
    return Built(request.param)


def test_pointwise_log_likelihood_equals_pymcs(built: Built) -> None:
    # PyMC sees what the sampler sees: of a term left out, draws of its prior.
    own, pymcs = log_likelihood(built.draws, built.design), pymc_log_likelihood(built.model, built.raw)
    assert set(own) == set(pymcs) == set(OBSERVED)
    for name, values in own.items():
        assert values.shape == pymcs[name].shape
        assert np.isfinite(values).all()
        np.testing.assert_allclose(pymcs[name], values, rtol=1e-8, atol=1e-8)


def test_leans_far_beyond_the_cutpoints_keep_their_digits(built: Built) -> None:
    steep = {"lambda": np.geomspace(1.0, 100.0, len(built.raw["lambda"]))}
    draws = built.draws | {name: values * built.design.priors["tone_switch"] for name, values in steep.items()}
    own, pymcs = (
        log_likelihood(draws, built.design)["lean"],
        pymc_log_likelihood(built.model, built.raw | steep)["lean"],
    )
    np.testing.assert_allclose(own, lean_exactly(built, draws), rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(pymcs, own, rtol=1e-8, atol=1e-8)


def lean_exactly(built: Built, draws: Draws) -> list[list[float]]:
    """The ordered logistic with all the digits one asks for."""
    data, c = built.design.data, draws["cutpoint"]
    pull, tone = (
        values.reshape(len(values), -1)[:, data["lean_cell"]]
        for values in (latent.pull(draws, built.design, "leverage"), latent.tone(draws, built.design))
    )
    eta = data["lean_strength"] / 2 * (pull + draws["lambda"][:, None] * tone)
    return [
        [exact(int(category), cut, value) for category, value in zip(data["lean_category"], row, strict=True)]
        for cut, row in zip(c, eta, strict=True)
    ]


def exact(category: int, cut: float, eta: float) -> float:
    with localcontext(prec=400):
        below, above = (1 / (1 + Decimal(exponent).exp()) for exponent in (cut + eta, cut - eta))
        return float([below, 1 - below - above, above][category].ln())


def test_exactly_the_three_observed_variables_and_named_dims_everywhere(built: Built) -> None:
    model = built.model
    free = {name: dims for name, dims in DIMS.items() if name not in ABSENT.get(built.name, set())}
    dims = {name: tuple(map(str, of)) for name, of in model.named_vars_to_dims.items()}
    assert {variable.name for variable in model.free_RVs} == set(free)
    assert {variable.name: dims.get(variable.name, ()) for variable in model.free_RVs} == free
    assert {variable.name: dims[variable.name] for variable in model.observed_RVs} == {
        name: (dim,) for name, dim in OBSERVED.items()
    }
    assert not model.deterministics
    assert not model.potentials
    for dim, labels in built.design.coords.items():
        assert model.coords[dim] == tuple(labels)


def test_no_variable_is_called_like_a_dim(built: Built) -> None:
    assert not set(built.model.named_vars) & set(built.model.coords)


def test_prior_predictive_comes_from_the_same_object(built: Built) -> None:
    simulated = built.prior["prior_predictive"]
    lengths = {"favoured": "signal_favoured", "lean": "lean_category", "events": "row_events"}
    for name, array in lengths.items():
        assert simulated[name].dims == ("chain", "draw", OBSERVED[name])
        assert simulated[name].shape == (1, 40, len(built.design.data[array]))
        assert simulated[name].to_numpy().min(initial=0) >= 0
    assert simulated["favoured"].to_numpy().max(initial=0) < len(built.design.coords["faction"])
    assert simulated["lean"].to_numpy().max(initial=0) < len(names.LEANS)
    for name in (variable.name for variable in built.model.free_RVs):
        assert built.prior["prior"][name].dims == ("chain", "draw", *DIMS[name])


def test_row_rates_follow_the_model_document(built: Built) -> None:
    rates = row_log_rates(built.draws, built.design)
    for sample in (0, 7):
        point = Point(built, sample)
        expected = [point.row_log_rate(row) for row in built.history.rows.to_dict("records")]
        np.testing.assert_allclose(rates[sample], expected, rtol=1e-10, atol=1e-10)


def test_joint_log_density_is_priors_plus_likelihood_written_out(built: Built) -> None:
    # One function for all samples: building it takes longer than calling it.
    model = built.model
    density = model.compile_fn(model.logp(jacobian=False), inputs=model.value_vars, **PLAIN, point_fn=True)
    for sample in (1, 5):
        point = Point(built, sample)
        found = float(density(transformed(model, built.raw, sample)))
        np.testing.assert_allclose(found, point.log_prior() + point.log_likelihood(), rtol=1e-10)


def transformed(model: pm.Model, draws: Draws, sample: int) -> dict[str, Any]:
    """Values of the variables that the density takes: logs of the positive ones."""
    values = {}
    for variable in model.free_RVs:
        value, own = model.rvs_to_values[variable], np.asarray(draws[variable.name][sample])
        values[value.name] = np.log(own) if value.name.endswith("_log__") else own
    return values


class Point:
    """The joint density at one draw, from the document: labels and loops, no arrays of the library."""

    def __init__(self, built: Built, sample: int) -> None:
        self.case, self.history, spec = built.case, built.history, built.case.spec
        self.left_out = spec.variant.without
        self.phi = 2 ** (-1 / spec.tension.half_life_months)
        group = built.prior["prior"]
        self.of = {str(name): group[name][0, sample] for name in group.data_vars}
        self.factions = [faction.id for faction in spec.factions]
        self.u = self._influence_scale()
        self.shares = {t: np.exp(log_softmax([self.u[t, k] for k in self.factions])) for t, _ in self._months()}
        self.n = {outcome.id: self._tone(outcome.id) for outcome in spec.outcomes}

    def _months(self) -> list[tuple[int, str]]:
        return list(enumerate(self.history.periods.labels))

    def value(self, variable: str, **labels: str) -> float:
        return float(self.of[variable].sel(labels))

    def _influence_scale(self) -> dict[tuple[int, str], float]:
        """u[1] = rho P[1] + rho Q[1] + z[1];  u[t] = u[t-1] + rho dP + rho dQ + tau z[t]."""
        u = {}
        for column, faction in enumerate(self.factions):
            for t, month in self._months():
                z = self.value("influence_step", period=month, faction=faction)
                before = slice(t - 1, t + 1) if t else slice(0, 1)
                moved = sum(
                    self.value("rho", score=score) * (np.diff(where[before, column]) if t else where[0, column]).item()
                    for score, where in (("office", self.history.office), ("proximity", self.history.proximity))
                )
                u[t, faction] = moved + (u[t - 1, faction] + float(self.of["tau"]) * z if t else z)
        return u

    def _tone(self, outcome: str) -> list[float]:
        """n[1] = z[1];  n[t] = phi n[t-1] + sqrt(1 - phi^2) z[t]; out of everything without tone."""
        n: list[float] = []
        if "tone" in self.left_out:
            return [0.0] * len(self._months())
        for t, month in self._months():
            z = self.value("tone_step", period=month, outcome=outcome)
            n.append(self.phi * n[-1] + np.sqrt(1 - self.phi**2) * z if t else z)
        return n

    def pull(self, t: int, outcome: str, variable: str = "leverage") -> float:
        """sum_k B[o,k] (pi[t,k] - 1/K), with B centred over factions; B = 0 without influence."""
        if "influence" in self.left_out:
            return 0.0
        b = np.array([self.value(variable, outcome=outcome, faction=faction) for faction in self.factions])
        return float(np.sum((b - b.mean()) * (self.shares[t] - 1 / len(self.factions))))

    def class_log_rate(self, row: Mapping[str, Any]) -> float:
        eta = self.value("log_rate", process=row["process"])
        for member in row["members"]:
            grouping = member.split(":")[0]
            eta += self.value("spread", grouping=grouping) * self.value("level_offset", level=member)
        return eta + sum(code * self.value("slope", covariate=name) for name, code in row["covariates"].items())

    def row_log_rate(self, row: Mapping[str, Any]) -> float:
        eta = self.class_log_rate(row)
        if not row["outcome"]:
            return eta
        transition, outcome, t = row["transition"], row["outcome"], row["period"]
        tension = self.pull(t, outcome) + float(self.of["psi"]) * self.n[outcome][t]
        eta += self.value("delta", transition=transition, outcome=outcome)
        eta += tension if transition == "onset" else self.pull(t, outcome, "leverage_doubt") - tension
        for coupled, target, source in self.history.couplings:
            if (coupled, target) == (transition, outcome) and "coupling" not in self.left_out:
                eta += self.value("coupling_effect", coupling=f"{coupled}.{target}.{source}") * row["active"][source]
        return eta

    def log_likelihood(self) -> float:
        rows, signals, leans = (
            frame.to_dict("records") for frame in (self.history.rows, self.history.signals, self.history.leans)
        )
        rates = ((row, self.row_log_rate(row)) for row in rows)
        total = sum(stats.poisson.logpmf(row["events"], row["exposure"] * np.exp(rate)) for row, rate in rates)
        return total + sum(map(self._signal, signals)) + sum(map(self._lean, leans))

    def _signal(self, item: Mapping[str, Any]) -> float:
        reference = item["kind"] == self.case.spec.news.reference_kind
        kappa = 1.0 if reference else np.exp(self.value("log_kappa", signal_kind=item["kind"]))
        logits = np.array([kappa * item["strength"] / 2 * self.u[item["period"], k] for k in self.factions])
        if item["bearing"]:
            g = np.array([self.value("bearing_effect", bearing=item["bearing"], faction=k) for k in self.factions])
            logits += g - g.mean()
        return float(log_softmax(logits)[self.factions.index(item["faction"])])

    def _lean(self, item: Mapping[str, Any]) -> float:
        t, outcome, c = item["period"], item["outcome"], float(self.of["cutpoint"])
        eta = item["strength"] / 2 * (self.pull(t, outcome) + float(self.of["lambda"]) * self.n[outcome][t])
        rest, active = expit(-c - eta), expit(eta - c)
        return log({"rest": rest, "neither": 1 - rest - active, "active": active}[item["lean"]])

    def log_prior(self) -> float:
        priors = self.case.prior_specs
        total = 0.0
        for name, values in self.of.items():
            for index in np.ndindex(values.shape):
                labels = {str(dim): str(values[dim].to_numpy()[i]) for dim, i in zip(values.dims, index, strict=True)}
                total += self._density(name, labels, float(values.to_numpy()[index]), priors)
        return total

    @staticmethod
    def _density(name: str, labels: Mapping[str, str], value: float, priors: Mapping[str, Any]) -> float:
        if name in ("influence_step", "tone_step", "level_offset"):
            return float(stats.norm.logpdf(value))
        key = {
            "rho": "influence.rho_{score}",
            "tau": "influence.tau",
            "log_kappa": "signal.kappa",
            "bearing_effect": "signal.bearing",
            "psi": "tension.psi",
            "lambda": "tension.lambda",
            "cutpoint": "tension.cutpoint",
            "leverage": "leverage.{outcome}.{faction}",
            "leverage_doubt": "leverage_doubt",
            "delta": "delta.{transition}.{outcome}",
            "log_rate": "rate.{process}",
            "spread": "spread.{grouping}",
            "slope": "slope.{covariate}",
            "coupling_effect": "coupling.{coupling}",
        }[name].format(**labels)
        if key not in priors:  # what stands for the recovery that a recurrent outcome does not have
            key = key.replace("delta.recovery", "delta.onset")
        spec = priors[key]
        if spec.distribution == "half_normal":
            return float(stats.halfnorm.logpdf(value, scale=spec.sigma))
        return float(stats.norm.logpdf(value, spec.mu, spec.sigma))  # of the log, where the prior is log-normal
