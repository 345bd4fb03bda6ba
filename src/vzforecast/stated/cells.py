"""The days on which it is enough to look for changes of state.

What a set of leaves can see of courses is a set of conditions on the times of changes: a time lies before or after the
end of a day that a leaf names, or two neighbouring times are at least, or less than, so many days apart. Among the
courses that meet some conditions there is an earliest one, all of whose changes come as early as anything allows. Each
of its times is then such a day, or one of them plus or minus lengths that leaves ask for, and a moment
(Dechter, Meiri and Pearl, Artificial Intelligence 49 (1991) 61-95, on shortest paths in networks of such conditions).
So it is enough to look on these days; which comes first within one of them is another matter.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from vzforecast.stated.course import Course


def with_cells(courses: Sequence[Course]) -> list[Course]:
    """Return outcomes with the days and moments at which to look for changes.

    Parameters
    ----------
    courses : sequence of Course
        One outcome with all leaves on it, or all outcomes whose order in time leaves ask for.

    Returns
    -------
    list of Course
        The same with ``cells`` and ``slots``. As many moments of a day as there are outcomes give every order of them;
        where lengths count it takes twice as many, since a stretch on record completes its days at noon.
    """
    named = {0}.union(*(course.named for course in courses))
    begun = {math.floor(course.since) for course in courses if course.held}
    sums = _sums(courses)
    days = {day + total for day in named | begun for total in sums}
    cells = tuple(sorted(day for day in days if 0 <= day < max(named)))
    lengths = any(course.held for course in courses)
    slots = len(courses) * (2 if lengths and len(courses) > 1 else 1)
    return [replace(course, cells=cells, slots=slots) for course in courses]


def _sums(courses: Sequence[Course]) -> set[int]:
    """Return sums of lengths that may lie between a change and a day that is named.

    A length that is reached lies there once for each leaf that asks for it. One that is not may lie there several times
    in a row only as far as the number of stretches is limited, which a count does. In time forwards lengths add up, and
    backwards; both on one way only where it leads from one outcome to another.
    """
    lengths = Counter(leaf.days for course in courses for leaf in course.held)
    entries = max(course.least for course in courses)
    ways = [[length * times for times in range(number + entries + 1)] for length, number in lengths.items()]
    if len(courses) > 1:
        ways = [[*way, *(-total for total in way)] for way in ways]
    sums = {sum(way) for way in product(*ways)}
    return sums | {-total for total in sums}
