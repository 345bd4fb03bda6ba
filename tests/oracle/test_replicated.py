"""New rows drawn in numpy, against those that PyMC draws from the same parameters."""

import numpy as np
import pytest

from helpers.cases import design_of, embedded
from helpers.models import Draws, prior_tree, stack
from vzforecast.checking.replicated import chances, doubled, expected_events, replicated, with_rows
from vzforecast.history import Design
from vzforecast.likelihood import log_likelihood
from vzforecast.model import build_model

DRAWS = 200


@pytest.fixture(scope="module")
def design() -> Design:
    return design_of(embedded(), "2025-08-31")


@pytest.fixture(scope="module")
def simulated(design: Design) -> tuple[Draws, Draws]:
    tree = prior_tree(build_model(design), DRAWS, seed=4)
    return stack(tree["prior"]), stack(tree["prior_predictive"])


@pytest.mark.parametrize("kind", ["favoured", "lean"])
def test_categories_come_as_often_as_pymc_draws_them(design: Design, simulated: tuple[Draws, Draws], kind: str) -> None:
    draws, theirs = simulated
    chance, ours = chances(draws, design, kind), replicated(draws, design, np.random.default_rng(5))[kind]
    np.testing.assert_allclose(chance.sum(axis=-1), 1.0)
    for rows in (theirs[kind].astype(int), ours):
        for category in range(chance.shape[-1]):
            own = chance[..., category]
            away = ((rows == category) - own).sum() / np.sqrt((own * (1 - own)).sum())
            assert abs(away) < 4.0
            # Weighted by the chance, too: a swap of rows or categories would leave the plain sum alone.
            away = (((rows == category) - own) * own).sum() / np.sqrt((own**3 * (1 - own)).sum())
            assert abs(away) < 4.0


def test_events_come_as_often_as_pymc_draws_them(design: Design, simulated: tuple[Draws, Draws]) -> None:
    draws, theirs = simulated
    mean = expected_events(draws, design)
    for rows in (theirs["events"], replicated(draws, design, np.random.default_rng(6))["events"]):
        score = (rows - mean) / np.sqrt(mean)
        assert abs(score.sum()) / np.sqrt(score.size) < 4.0
        # A Poisson variable has variance mean; the variance of its squared score is 2 + 1/mean.
        off = ((score**2 - 1.0).sum()) / np.sqrt((2.0 + 1.0 / mean).sum())
        assert abs(off) < 4.0


def test_doubled_rows_have_the_likelihood_of_both(design: Design, simulated: tuple[Draws, Draws]) -> None:
    draws = {name: values[:20] for name, values in simulated[0].items()}
    rows = {kind: values[0].astype(np.int64) for kind, values in simulated[1].items()}
    both = log_likelihood(draws, doubled(design, rows))
    real, new = log_likelihood(draws, design), log_likelihood(draws, with_rows(design, rows))
    for kind, values in both.items():
        np.testing.assert_allclose(values.sum(axis=1), real[kind].sum(axis=1) + new[kind].sum(axis=1))


def test_the_same_seed_draws_the_same_rows(design: Design, simulated: tuple[Draws, Draws]) -> None:
    one, two, other = (replicated(simulated[0], design, np.random.default_rng(seed)) for seed in (7, 7, 8))
    for kind, values in one.items():
        np.testing.assert_array_equal(values, two[kind])
        assert not np.array_equal(values, other[kind])
