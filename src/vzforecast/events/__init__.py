"""The event language: texts such as ``ever(sanctions = re_escalated) by 2025-06-30``, parsed and never run as code.

`parse_event` turns a text into a tree; `evaluate` tells on which simulated paths it happens, `evaluate_all` does so for
many events at once. Nothing here needs the simulator or the sampler, and the parser itself is only loaded with the
first text.
"""

from vzforecast.events.event import Event, evaluate, evaluate_all, first_moments
from vzforecast.events.faults import in_brief
from vzforecast.events.leaves import Count, Ever, StateOn
from vzforecast.events.open_event import OpenEvent
from vzforecast.events.parse import check_names, parse_event, parse_open_event
from vzforecast.events.passages import First, Held, Reached
from vzforecast.events.tree import And, Not, Or
from vzforecast.events.vocabulary import RESERVED, Vocabulary

__all__ = [
    "RESERVED",
    "And",
    "Count",
    "Event",
    "Ever",
    "First",
    "Held",
    "Not",
    "OpenEvent",
    "Or",
    "Reached",
    "StateOn",
    "Vocabulary",
    "check_names",
    "evaluate",
    "evaluate_all",
    "first_moments",
    "in_brief",
    "parse_event",
    "parse_open_event",
]
