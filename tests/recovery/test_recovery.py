"""Simulation-based calibration: parameters drawn from the prior are found again in data simulated from them.

One model, that of the embedded case as of 31 August 2025, is compiled once. Parameters and all three observed variables
are drawn from it, the model is fitted to each data set through ``with_data``, and two things are checked for every
chosen scalar: 90 % intervals cover the truth nine times in ten, and the rank of the truth among the draws is uniform
(Talts and others, 2018). Ranks are of thinned draws, so that they are nearly independent. Bounds are wide enough that
only a fault crosses them: each would be crossed by chance in at most one of ten thousand runs.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from helpers.cases import design_of, embedded
from helpers.models import prior_tree
from vzforecast import inference
from vzforecast.history import Design
from vzforecast.inference import CompiledModel
from vzforecast.model import build_model, pack
from vzforecast.settings import SamplerSettings

pytestmark = pytest.mark.slow

REPLICATIONS = 200
QUICK = SamplerSettings(draws=300, tune=300, chains=2)
# Data from the prior are harder than real ones (rows with a hundred events), so steps are shorter than by default.
CAREFUL = SamplerSettings(draws=1_500, tune=1_000, target_accept=0.97)
THIN, BINS, TINY = 3, 10, 1e-4
OBSERVED = {"signal_favoured": "favoured", "lean_category": "lean", "row_events": "events"}

# Scalars: those that every forecast rests on, well or badly known, and one of each kind of the rest.
SCALARS: dict[str, dict[str, str]] = {
    "rho": {"score": "office"},
    "rho ": {"score": "proximity"},
    "tau": {},
    "psi": {},
    "lambda": {},
    "cutpoint": {},
    "log_rate": {"process": "defection_one_off"},
    "log_rate ": {"process": "licence"},
    "log_rate  ": {"process": "leader_exit"},
    "slope": {"covariate": "regime_threat"},
    "slope ": {"covariate": "relief_at_stake"},
    "spread": {"grouping": "defection.kind"},
    "spread ": {"grouping": "licence.series"},
    "level_offset": {"level": "licence.series:GL 5"},
    "log_kappa": {"signal_kind": "decision"},
    "delta": {"transition": "onset", "outcome": "deportation_flights"},
    "leverage": {"outcome": "sanctions", "faction": "hardliners"},
    "coupling_effect": {"coupling": "onset.chevron_licence.deportation_flights"},
    "influence_step": {"period": "2025-03-01", "faction": "oil"},
    "tone_step": {"period": "2025-03-01", "outcome": "chevron_licence"},
}


@dataclass(frozen=True)
class Replications:
    """By scalar: the truths, and the draws of each fit, dims (replication, draw)."""

    truth: dict[str, NDArray[np.float64]]
    draws: dict[str, NDArray[np.float64]]


@pytest.fixture(scope="module")
def design() -> Design:
    return design_of(embedded(), "2025-08-31")


@pytest.fixture(scope="module")
def simulated(design: Design) -> xr.DataTree:
    return prior_tree(build_model(design), REPLICATIONS, seed=20250831)


@pytest.fixture(scope="module")
def compiled(design: Design) -> CompiledModel:
    return inference.compile_model(build_model(design))


def tables_of(design: Design, simulated: xr.DataTree, replication: int) -> dict[str, NDArray[Any]]:
    predicted = simulated["prior_predictive"]
    values = {table: predicted[name][0, replication].to_numpy() for table, name in OBSERVED.items()}
    return pack(design) | values


def scalar(group: xr.DataTree, label: str) -> NDArray[np.float64]:
    return np.asarray(group[label.strip()].sel(SCALARS[label]).to_numpy())


@pytest.fixture(scope="module")
def replications(design: Design, simulated: xr.DataTree, compiled: CompiledModel) -> Replications:
    truth = {label: scalar(simulated["prior"], label)[0] for label in SCALARS}
    found: dict[str, list[NDArray[np.float64]]] = {label: [] for label in SCALARS}
    for replication in range(REPLICATIONS):
        data = compiled.with_data(tables_of(design, simulated, replication))
        posterior = inference.sample(data, QUICK, seed=replication)["posterior"]
        for label, kept in found.items():
            kept.append(scalar(posterior, label).ravel())
    return Replications(truth, {label: np.array(draws) for label, draws in found.items()})


def test_every_data_set_is_another(simulated: xr.DataTree) -> None:
    events = simulated["prior_predictive"]["events"][0].to_numpy()
    assert len(np.unique(events, axis=0)) == REPLICATIONS


@pytest.mark.parametrize("label", list(SCALARS))
def test_intervals_cover_the_truth_at_the_right_rate(replications: Replications, label: str) -> None:
    lower, upper = np.quantile(replications.draws[label], [0.05, 0.95], axis=1)
    covered = int(np.sum((lower <= replications.truth[label]) & (replications.truth[label] <= upper)))
    assert stats.binomtest(covered, REPLICATIONS, 0.9).pvalue > TINY, f"{covered} of {REPLICATIONS} covered"


@pytest.mark.parametrize("label", list(SCALARS))
def test_ranks_of_the_truth_are_uniform(replications: Replications, label: str) -> None:
    share = ranks(replications, label)
    counts = np.histogram(share, bins=BINS, range=(0, 1))[0]
    assert stats.chisquare(counts).pvalue > TINY, counts
    # A bias shows in the mean of the ranks, too narrow or too wide a posterior in their spread.
    assert abs(share.mean() - 0.5) * np.sqrt(12 * REPLICATIONS) < 4.0


def ranks(replications: Replications, label: str) -> NDArray[np.float64]:
    draws, truth = replications.draws[label][:, ::THIN], replications.truth[label]
    return (np.sum(draws < truth[:, None], axis=1) + 0.5) / (draws.shape[1] + 1)


def test_all_scalars_together_cover_at_the_right_rate(replications: Replications) -> None:
    covered = []
    for label in SCALARS:
        lower, upper = np.quantile(replications.draws[label], [0.05, 0.95], axis=1)
        covered.append((lower <= replications.truth[label]) & (replications.truth[label] <= upper))
    # 4,000 intervals, nearly independent: one standard error is 0.5 %; ends from 600 draws cost as much again.
    assert np.mean(covered) == pytest.approx(0.9, abs=0.025)


def test_the_data_say_something(replications: Replications) -> None:
    """Where there are data the posterior is narrower than the prior, or covering the truth would prove nothing."""
    for label in ("log_rate", "log_rate  ", "lambda", "slope"):
        prior = replications.truth[label].std()
        assert np.median(replications.draws[label].std(axis=1)) < 0.8 * prior


@pytest.mark.parametrize("replication", [0, 1, 2])
def test_full_length_fits_converge(
    design: Design, simulated: xr.DataTree, compiled: CompiledModel, replication: int
) -> None:
    data = compiled.with_data(tables_of(design, simulated, replication))
    report = inference.convergence(inference.sample(data, CAREFUL, seed=replication + 1))
    assert report.table["rhat"].max() < 1.01
    assert report.ok, report.text
