"""What changes the law of the paths as time goes by: dated changes, and the stretches of time between them."""

from vzforecast.course.changes import CouplingFactor, Forced, InfluenceMove, RateFactor, StandingStep
from vzforecast.course.course import Change, Course, course_of
from vzforecast.course.cutting import Cells, stretches

__all__ = [
    "Cells",
    "Change",
    "CouplingFactor",
    "Course",
    "Forced",
    "InfluenceMove",
    "RateFactor",
    "StandingStep",
    "course_of",
    "stretches",
]
