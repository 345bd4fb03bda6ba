"""Read-only mappings that pickle, so that a frozen object can hold them."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

import pandas as pd


class FrozenMapping[K, V](Mapping[K, V]):
    """A mapping without any way to change it; cheap to share between copies of a case."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[K, V]):
        self._items = dict(items)

    def __getitem__(self, key: K) -> V:
        return self._items[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return repr(self._items)


class Tables(FrozenMapping[str, pd.DataFrame]):
    """Tables by name; every look-up gives a copy, so that no caller can change a case."""

    __slots__ = ("_records",)

    def __init__(self, items: Mapping[str, pd.DataFrame], records: Mapping[str, tuple[Any, ...]] | None = None):
        super().__init__(items)
        self._records = dict(records or {})

    def __reduce__(self) -> tuple[type[Self], tuple[dict[str, pd.DataFrame]]]:
        return type(self), (self._items,)  # records are made anew: their class has no name to be pickled by

    def __getitem__(self, key: str) -> pd.DataFrame:
        return super().__getitem__(key).copy()

    def records(self, key: str) -> tuple[Any, ...]:
        """Return the rows of a table as named tuples, made when they are first asked for."""
        if key not in self._records:
            self._records[key] = tuple(self._items[key].itertuples())
        return self._records[key]

    def replaced(self, changed: Mapping[str, pd.DataFrame]) -> Self:
        """Return the tables with some of them exchanged; the others are shared, rows and all."""
        records = {name: rows for name, rows in self._records.items() if name not in changed}
        return type(self)({**self._items, **changed}, records)

    def __repr__(self) -> str:
        return f"<{', '.join(f'{name}: {len(table)} rows' for name, table in self._items.items())}>"
