"""The members of a stack: which variants there are unless others are asked for, and what a variant may be."""

from collections.abc import Iterable, Mapping
from typing import Final

from vzforecast.case import Case
from vzforecast.errors import SettingsError

Members = Mapping[str, tuple[str, ...]]

# From the simplest to the full model; each leaves out what a short record may not be able to teach.
MEMBERS: Final[Members] = {
    "reference class only": ("coupling", "influence", "tone"),
    "no coupling": ("coupling",),
    "no influence": ("influence",),
    "full": (),
}


def checked_members(case: Case, members: Mapping[str, Iterable[str]] | None) -> Members:
    """Return the members of a stack of a case.

    Raises
    ------
    SettingsError
        Fewer than two, two that leave out the same, or one that leaves out the schedule: members share the dates ahead.
    CaseError
        A member leaves out what is no term of the model.
    """
    found = MEMBERS if members is None else {name: tuple(terms) for name, terms in members.items()}
    if len(found) < 2:
        raise SettingsError(f"members are {list(found)!r}; give at least two, each with the terms that it leaves out")
    variants: dict[tuple[str, ...], str] = {}
    for name, terms in found.items():
        if "schedule" in terms:
            message = "members share the dates ahead; leave the schedule out of all: case.without('schedule')"
            raise SettingsError(f"member {name!r} leaves out the schedule: {message}")
        same = variants.setdefault(case.without(*terms).spec.variant.without, name)
        if same != name:
            raise SettingsError(f"members {same!r} and {name!r} leave out the same terms; give one of them")
    return found
