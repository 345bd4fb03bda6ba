"""Recurrent outcomes: events that are over at once and may come again. On the skeleton with rescues at sea.

Its clock starts on 10 February 2024; rescues came on 20 March, 2 May and 3 May. The truce broke on 20 May.
"""

import datetime as dt
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.cases import RESCUE, design_of, skeleton, with_recurrent
from helpers.models import prior_tree, stack
from helpers.synthetic import Refits, synthetic_forecast
from vzforecast import latent, likelihood, prior_check, update
from vzforecast.case import Case
from vzforecast.errors import EventError, EvidenceError
from vzforecast.events import evaluate, parse_event
from vzforecast.evidence import Transition
from vzforecast.forecast import Forecast
from vzforecast.history import build_history
from vzforecast.model import build_model
from vzforecast.names import DAYS_PER_MONTH
from vzforecast.paths import Paths, Record
from vzforecast.reweight import Reweighted

AS_OF = "2024-06-15"
RESCUES = [dt.date(2024, 3, 20), dt.date(2024, 5, 2), dt.date(2024, 5, 3)]


def own_rows(case: Case, outcome: str = RESCUE, as_of: str = AS_OF) -> list[tuple[Any, ...]]:
    """(last day, hazard, days at risk, events) of every row of an outcome."""
    rows = build_history(case.known_on(as_of)).rows
    return [
        (row.row.split()[-1], row.transition, pytest.approx(row.exposure * DAYS_PER_MONTH), row.events)
        for row in rows[rows["outcome"] == outcome].itertuples()
    ]


class TestHistory:
    def test_every_event_ends_a_row_and_the_next_is_at_risk_of_another(self) -> None:
        assert own_rows(with_recurrent()) == [
            ("2024-02-29", "onset", 19, 0),
            ("2024-03-20", "onset", 20, 1),
            ("2024-03-31", "onset", 11, 0),
            ("2024-04-30", "onset", 30, 0),
            ("2024-05-02", "onset", 2, 1),
            ("2024-05-03", "onset", 1, 1),
            ("2024-05-20", "onset", 17, 0),  # the truce breaks, to which it is coupled
            ("2024-05-31", "onset", 11, 0),
            ("2024-06-15", "onset", 15, 0),
        ]

    def test_it_is_at_rest_and_of_no_effect_on_others(self) -> None:
        history = build_history(with_recurrent().known_on("2024-05-03"))
        assert history.states.loc[RESCUE, ["active", "active_for"]].tolist() == [False, 0.0]
        assert {shares[RESCUE] for shares in history.rows["active"] if RESCUE in shares} == {0.0}
        assert history.recurrent.tolist() == [False, False, True]

    @pytest.mark.parametrize("outcome", ["ferry_permit", "fishing_truce"])
    def test_the_rows_of_other_outcomes_are_those_of_a_case_without_it(self, outcome: str) -> None:
        assert own_rows(with_recurrent(), outcome) == own_rows(skeleton(), outcome)

    def test_it_is_coupled_to_others(self) -> None:
        history = build_history(with_recurrent().known_on(AS_OF))
        design = design_of(with_recurrent(), AS_OF)
        place = history.couplings.index(("onset", RESCUE, "fishing_truce"))
        own = (history.rows["outcome"] == RESCUE).to_numpy()
        column = design.data["row_coupling"][place]
        assert np.count_nonzero(column[own]) == 2  # the two rows after the truce broke
        assert not column[~own].any()

    def test_an_event_is_unknown_until_published(self) -> None:
        assert [row[3] for row in own_rows(with_recurrent(), as_of="2024-05-02")] == [0, 1, 0, 0, 1]


class TestModel:
    def test_no_row_reads_what_stands_for_the_recovery(self) -> None:
        """The likelihood does not move with the delta and the leverage doubt of a recurrent outcome's recovery."""
        design = design_of(with_recurrent(), AS_OF)
        draws = stack(prior_tree(build_model(design), 20, seed=3)["prior"])
        changed = {name: values.copy() for name, values in draws.items()}
        changed["delta"][:, 1, 2] += 3.0
        changed["leverage_doubt"][:, 2] += 3.0
        first, second = (likelihood.log_likelihood(values, design) for values in (draws, changed))
        for name in first:
            np.testing.assert_array_equal(first[name], second[name])
        changed["delta"][:, 0, 2] += 3.0
        assert not np.array_equal(likelihood.log_likelihood(changed, design)["events"], first["events"])

    def test_the_filler_has_the_scale_of_the_onset(self) -> None:
        design = design_of(with_recurrent(), AS_OF)
        for name in ("delta_mu", "delta_sigma"):
            onset, recovery = design.priors[name][:, 2]
            assert onset == recovery
        draws = stack(prior_tree(build_model(design), 5, seed=3)["prior"])
        rates = latent.base_log_rates(draws, design) - draws["delta"]
        np.testing.assert_array_equal(rates[:, 0, 2], rates[:, 1, 2])

    def test_the_likelihood_of_its_rows_is_that_of_a_poisson_process(self) -> None:
        """Rates of each stretch and the log rate at each event, as the definition of such a process has it."""
        case = with_recurrent()
        history, design = build_history(case.known_on(AS_OF)), design_of(case, AS_OF)
        draws = stack(prior_tree(build_model(design), 20, seed=4)["prior"])
        own = (history.rows["outcome"] == RESCUE).to_numpy()
        log_rate, exposure = likelihood.row_log_rates(draws, design)[:, own], design.data["row_exposure"][own]
        found = likelihood.log_likelihood(draws, design)["events"][:, own]
        events = design.data["row_events"][own] == 1
        process = log_rate[:, events].sum(axis=1) - (np.exp(log_rate) * exposure).sum(axis=1)
        # Poisson counts add the log exposure of each row with an event, a constant of the data.
        np.testing.assert_allclose(found.sum(axis=1) - np.log(exposure[events]).sum(), process, rtol=1e-10)

    def test_the_prior_check_has_no_recovery_of_it(self) -> None:
        table = prior_check(with_recurrent(), draws=50)
        assert table.index.tolist() == [
            ("onset", "ferry_permit"),
            ("onset", "fishing_truce"),
            ("onset", RESCUE),
            ("recovery", "ferry_permit"),
            ("recovery", "fishing_truce"),
        ]


def paths_of(case: Case, *simulated: float) -> Paths:
    """Two paths after 4 May: nothing happens on one, rescues at the given times on the other."""
    as_of = dt.date(2024, 5, 4)
    start = {outcome.id: False for outcome in case.spec.outcomes}
    record = Record.from_transitions(
        as_of, case.spec.horizon, start, [(RESCUE, day) for day in RESCUES], recurrent=[RESCUE]
    )
    times = np.repeat(np.array(simulated, dtype=float), 2)
    return Paths(record, 1, 2, np.array([0, 0, times.size]), times, np.full(times.size, 2, dtype=np.int16))


class TestPaths:
    def test_an_event_is_two_entries_at_one_time(self) -> None:
        record = paths_of(with_recurrent()).record
        np.testing.assert_array_equal(record.times, np.repeat([-45.5, -2.5, -1.5], 2))
        assert not record.active_now.any()

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("count({r} = rescued) by 2024-05-02 >= 2", (True, True)),
            ("count({r} = rescued) by 2024-05-02 >= 3", (False, False)),
            ("count({r} = rescued) by 2024-05-03 >= 3", (True, True)),
            ("count({r} = rescued) after 2024-05-02 by 2024-05-03 >= 1", (True, True)),
            ("count({r} = rescued) after 2024-05-02 by 2024-05-03 >= 2", (False, False)),
            ("count({r} = rescued) by 2024-12-31 >= 5", (False, True)),
            ("count({r} = rescued) after 2024-05-04 by 2024-05-06 >= 2", (False, True)),
            ("count({r} = rescued) after 2024-05-05 by 2024-05-06 >= 2", (False, False)),
            ("ever({r} = rescued) by 2024-03-19", (False, False)),
            ("ever({r} = rescued) by 2024-03-20", (True, True)),
            ("ever({r} = rescued) after 2024-03-20 by 2024-05-01", (False, False)),
            ("ever({r} = rescued) after 2024-05-04 by 2024-05-05", (False, True)),
            ("state({r} = none_rescued) on 2024-05-03", (True, True)),
            ("state({r} = none_rescued) on 2024-05-05", (True, True)),
            ("ever({r} = none_rescued) after 2024-05-04 by 2024-05-05", (True, True)),
            ("held({r} = none_rescued, days = 40) by 2024-05-01", (True, True)),  # from 20 March on
            ("held({r} = none_rescued, days = 43) by 2024-06-01", (True, True)),
            ("held({r} = none_rescued, days = 44) by 2024-06-17", (True, False)),  # from 3 May on, but for 5 May
            ("first({r} = rescued) before first(fishing_truce = broken) by 2024-03-31", (True, True)),
            ("first({r} = rescued) before first(fishing_truce = broken) by 2024-03-01", (False, False)),
        ],
    )
    def test_events_are_answered_as_of_any_other_outcome(self, text: str, expected: tuple[bool, bool]) -> None:
        case = with_recurrent()
        event = parse_event(text.format(r=RESCUE), case.spec.vocabulary)
        happens = evaluate(event, paths_of(case, 0.5, 1.5))
        assert happens.tolist() == [list(expected)]

    @pytest.mark.parametrize(
        "text", ["state({r} = rescued) on 2024-06-01", "held({r} = rescued, days = 1) by 2024-12-31"]
    )
    def test_what_would_be_false_on_every_path_is_refused(self, text: str) -> None:
        problem = "sea_rescue is recurrent: rescued for an instant, and on no day; ask for ever(sea_rescue = rescued)"
        with pytest.raises(EventError, match=re.escape(problem)):
            parse_event(text.format(r=RESCUE), with_recurrent().spec.vocabulary)

    def test_it_is_never_active_on_a_day(self) -> None:
        paths = paths_of(with_recurrent(), 0.5, 1.0, 1.5)
        days = [day.date() for day in pd.date_range("2024-03-19", "2024-05-08")]
        assert not paths.active_on(days)[..., 2].any()


class TestEvidence:
    def added(self, *items: Transition) -> Case:
        return with_recurrent().known_on("2024-04-01").with_evidence(items, as_of=AS_OF)

    def test_events_are_added_again_and_again_and_in_any_order(self) -> None:
        items = [
            Transition(outcome=RESCUE, to="rescued", date=day, published=known)
            for day, known in (("2024-05-02", "2024-06-10"), ("2024-05-03", "2024-05-03"))
        ]
        items.append(Transition(outcome="fishing_truce", to="broken", date="2024-05-20"))
        one, other = self.added(*items), self.added(*items[::-1])
        assert own_rows(one) == own_rows(other) == own_rows(with_recurrent("2024-03-20", "2024-05-02", "2024-05-03"))
        in_steps = with_recurrent().known_on("2024-04-01").with_evidence(items[1:], as_of="2024-06-01")
        assert own_rows(in_steps.with_evidence(items[:1], as_of=AS_OF)) == own_rows(one)

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            (
                {"to": "none_rescued", "date": "2024-05-02"},
                (
                    "transition x: to ('none_rescued'): sea_rescue is recurrent: it returns to rest at once, and a row "
                    'is an event; drop the item, or write "rescued"'
                ),
            ),
            (
                {"to": "rescued", "date": "2024-03-20"},
                (
                    "transition x: date ('2024-03-20'): sea_rescue has an event on that day already, and a day counts "
                    "once; correct the date, or leave the item out"
                ),
            ),
        ],
    )
    def test_refused(self, fields: dict[str, str], message: str) -> None:
        with pytest.raises(EvidenceError) as caught:
            self.added(Transition(id="x", outcome=RESCUE, **fields))
        assert [str(fault) for fault in caught.value.faults] == [message]

    def test_what_the_tables_learnt_is_the_same_evidence(self) -> None:
        case = with_recurrent()
        items = case.evidence_between("2024-04-01", AS_OF)
        own = [item for item in items if isinstance(item, Transition) and item.outcome == RESCUE]
        assert [item.date for item in own] == RESCUES[1:]
        assert own_rows(case.known_on("2024-04-01").with_evidence(items, as_of=AS_OF)) == own_rows(case)


class TestUpdates:
    """On draws from the priors; the truce and the ferry stay as they are."""

    @pytest.fixture
    def before(self) -> Forecast:
        return synthetic_forecast(with_recurrent(), "2024-04-15", draws=200, paths=20)

    def items(self, *days: str) -> list[Transition]:
        return [Transition(outcome=RESCUE, to="rescued", date=day) for day in days]

    @pytest.fixture(autouse=True)
    def no_limits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Reweighted, "failures", ())

    def test_events_enter_the_record_and_the_weights(self, before: Forecast) -> None:
        coming = f"ever({RESCUE} = rescued) after 2024-05-04 by 2024-06-30"
        quiet = update(before, [], "reweight", as_of="2024-05-04")
        busy = update(before, self.items("2024-05-02", "2024-05-03"), "reweight", as_of="2024-05-04")
        assert float(busy.probability(f"count({RESCUE} = rescued) by 2024-05-04 >= 3")) == 1.0
        assert float(busy.probability(f"count({RESCUE} = rescued) after 2024-04-15 by 2024-05-04 >= 3")) == 0.0
        assert float(quiet.probability(f"count({RESCUE} = rescued) by 2024-05-04 >= 2")) == 0.0
        assert float(busy.probability(coming)) > float(quiet.probability(coming)) + 0.05

    def test_a_refit_sees_the_same_events(self, before: Forecast, monkeypatch: pytest.MonkeyPatch) -> None:
        refits = Refits(draws=50)
        monkeypatch.setattr("vzforecast.updating.advance.fit_known", refits)
        update(before, self.items("2024-05-02", "2024-05-03"), "refit", as_of="2024-05-04")
        (call,) = refits.calls
        assert own_rows(call["known"], as_of="2024-05-04") == own_rows(with_recurrent(), as_of="2024-05-04")


class TestFiles:
    def test_a_case_comes_back_from_its_texts(self) -> None:
        case = with_recurrent()
        again = Case.from_payload(case.to_payload())
        assert again.spec == case.spec
        assert again.digest == case.digest

    def test_a_case_without_any_is_saved_as_before_there_were_any(self) -> None:
        assert "recurrent" not in skeleton().to_payload()["case.json"]

    def test_no_prior_of_a_recovery_is_asked_for(self) -> None:
        assert f"delta.recovery.{RESCUE}" not in with_recurrent().prior_specs
