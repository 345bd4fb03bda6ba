"""Checks of the inference and of the fit: whether it is calibrated, and fits what it was fitted to.

`calibrating` simulates data and refits (`ranks` and `uniformity` are its core and know no model); `prior_words` says
what the priors imply, `predicted` what the posterior would predict of the rows it has seen, `leaving_out` what it says
of each row without it.
"""

from vzforecast.checking.calibrating import simulation_check
from vzforecast.checking.calibration_report import SimulationCheck
from vzforecast.checking.leaving_out import loo
from vzforecast.checking.left_out import LeaveOneOut
from vzforecast.checking.predicted import posterior_check
from vzforecast.checking.predictive_report import PredictiveCheck
from vzforecast.checking.prior_report import PriorPredictive
from vzforecast.checking.prior_words import prior_predictive

__all__ = [
    "LeaveOneOut",
    "PredictiveCheck",
    "PriorPredictive",
    "SimulationCheck",
    "loo",
    "posterior_check",
    "prior_predictive",
    "simulation_check",
]
