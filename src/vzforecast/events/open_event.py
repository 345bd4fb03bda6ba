"""An event without its deadline, for curves of probability against the deadline."""

from dataclasses import dataclass
from datetime import date

from vzforecast.errors import EventError
from vzforecast.events.event import Event


@dataclass(frozen=True)
class OpenEvent:
    """An event whose parts all lack their ``on`` or ``by``.

    Parameters
    ----------
    event : Event
        The tree, with None for each missing date.
    origin, horizon : date
        First and last day that it may be closed with.
    """

    event: Event
    origin: date
    horizon: date

    def __str__(self) -> str:
        return str(self.event)

    def on(self, deadline: date) -> Event:
        """Return the event with this deadline.

        Parameters
        ----------
        deadline : date
            Each ``state`` is then asked on that day, every other part by that day.

        Returns
        -------
        Event
            The same event, closed.

        Raises
        ------
        EventError
            The date lies outside the case's span, or not after an ``after`` of the event.
        """
        if not self.origin <= deadline <= self.horizon:
            raise EventError(f"{self}: deadline {deadline} is outside {self.origin} to {self.horizon}")
        for start in self.event.starts():
            if not start < deadline:
                raise EventError(f"{self}: deadline {deadline} is not after {start}")
        return self.event.closed(deadline)
