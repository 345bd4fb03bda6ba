"""The simulator starts at the rates with which the model leaves the record.

The rate of every outcome's last row (the model's numpy likelihood) is put together a second time from what the
simulator is given, by the formula in its documentation. Couplings last here, or fade too slowly to tell unless they are
answered, so that no row averages a fading one.
"""

import numpy as np
import pytest
from numpy.typing import NDArray

from helpers.cases import embedded, skeleton, table, with_spec, with_tables
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
    left = 0.5 ** (law.active_for / law.fade_half_life)
    if law.made_ago is not None:
        left = np.where(law.made_ago[transition, outcome] < law.active_for, 0.0, left)
    sizes = law.active_now * (law.lasting_share + (1 - law.lasting_share) * left)
    coupled = law.coupling[:, transition, outcome] @ sizes
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
    assert_continuous(with_spec(case, coupling={"lasting_share": 1.0}).known_on(as_of), atol=1e-10)


def troubled(ferry_lost: str, ferry_back: str, *, answered: bool) -> Case:
    """The skeleton in which the truce breaks on 20 May and the ferry permit is lost for some days."""
    rows = [
        {"outcome": "fishing_truce", "date": "2024-05-20", "published": "2024-05-20", "to": "broken"},
        {"outcome": "ferry_permit", "date": ferry_lost, "published": ferry_lost, "to": "withdrawn"},
        {"outcome": "ferry_permit", "date": ferry_back, "published": ferry_back, "to": "in_force"},
    ]
    edited = with_tables(skeleton(), transitions=table("transitions", *rows))
    coupling = {"lasting_share": 0.0, "half_life_months": 1e6, "ends_with_answer": answered}
    return with_spec(edited, coupling=coupling).known_on("2024-06-10")


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize(
    ("lost", "back", "spent"),
    [
        ("2024-06-01", "2024-06-05", True),
        ("2024-05-10", "2024-06-05", False),  # the loss came before the breach: its end is another change
        ("2024-05-10", "2024-05-15", False),
        ("2024-05-20", "2024-06-05", False),  # on the same day
    ],
)
def test_an_answer_on_record_is_one_for_the_future(lost: str, back: str, spent: bool, answered: bool) -> None:
    case = troubled(lost, back, answered=answered)
    assert_continuous(case, atol=1e-5)
    last = build_history(case).rows.query("outcome == 'ferry_permit'").iloc[-1]
    assert (last["transition"], last["active"]["fishing_truce"]) == (
        names.ONSET,
        pytest.approx(0.0 if spent and answered else 1.0, abs=1e-5),
    )


def assert_continuous(lasting: Case, *, atol: float) -> None:
    """Compare the rates of the last rows with those that the simulator starts at."""
    history = build_history(lasting)
    design = encode(history, lasting.prior_specs, half_life=lasting.spec.tension.half_life_months)
    draws = stacked(synthetic_posterior(design, draws=20, chains=2, seed=4, width=1.0))
    rates, law = row_log_rates(draws, design), dynamics(draws, lasting, history, design)
    rows = history.rows.reset_index(drop=True)
    for position, outcome in enumerate(history.outcomes):
        last = rows.index[rows["outcome"] == outcome][-1]
        transition = names.TRANSITIONS.index(rows.loc[last, "transition"])
        assert transition == int(history.states.loc[outcome, "active"])
        np.testing.assert_allclose(rate_now(law, transition, position), rates[:, last], rtol=0, atol=atol)
