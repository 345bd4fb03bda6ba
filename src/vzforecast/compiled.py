"""What decorates compiled functions, for the type checker."""

from collections.abc import Callable
from typing import Protocol


class Compiler(Protocol):
    """What numba's ``njit`` with options returns: a decorator that keeps the signature."""

    def __call__[**P, R](self, function: Callable[P, R], /) -> Callable[P, R]:
        """Return the function, to be compiled when it is first called."""
        ...
