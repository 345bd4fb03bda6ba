"""The simulator starts at the rates with which the model leaves the record.

The rate of every outcome's last row (the model's numpy likelihood) is put together a second time from what the
simulator is given, by the formula in its documentation. Couplings last here, so that no row averages a fading one.
"""

import numpy as np
import pytest
from numpy.typing import NDArray

from helpers.cases import embedded, skeleton, with_spec
from helpers.synthetic import synthetic_posterior
from vzforecast import names
from vzforecast.case import Case
from vzforecast.forecast.future import dynamics
from vzforecast.forecast.posterior import stacked
from vzforecast.history import build_history, encode
from vzforecast.likelihood import row_log_rates
from vzforecast.simulate import Dynamics


def rate_now(law: Dynamics, transition: int, outcome: int) -> NDArray[np.float64]:
    """Log rate at the as-of date (see `simulate`)."""
    shares = np.exp(law.influence_now)
    shares /= shares.sum(axis=1, keepdims=True)
    pull = np.sum(law.leverage[:, transition, outcome] * (shares - 1.0 / shares.shape[1]), axis=1)
    tone = (1.0, -1.0)[transition] * law.psi * law.tone_now[:, outcome]
    coupled = law.coupling[:, transition, outcome] @ law.active_now.astype(float)
    return np.asarray(law.log_rate[:, transition, outcome] + pull + tone + coupled)


@pytest.mark.parametrize(
    ("case", "as_of"),
    [
        (embedded(), "2025-02-05"),
        (embedded(), "2025-03-18"),
        (embedded(), "2025-08-31"),
        (skeleton(), "2024-06-10"),
    ],
    ids=str,
)
def test_rates_go_on_where_the_last_rows_end(case: Case, as_of: str) -> None:
    lasting = with_spec(case, coupling={"lasting_share": 1.0}).known_on(as_of)
    history = build_history(lasting)
    design = encode(history, lasting.prior_specs, half_life=lasting.spec.tension.half_life_months)
    draws = stacked(synthetic_posterior(design, draws=20, chains=2, seed=4, width=1.0))
    rates, law = row_log_rates(draws, design), dynamics(draws, lasting, history, design)
    rows = history.rows.reset_index(drop=True)
    for position, outcome in enumerate(history.outcomes):
        last = rows.index[rows["outcome"] == outcome][-1]
        transition = names.TRANSITIONS.index(rows.loc[last, "transition"])
        assert transition == int(history.states.loc[outcome, "active"])
        np.testing.assert_allclose(rate_now(law, transition, position), rates[:, last], rtol=0, atol=1e-10)
