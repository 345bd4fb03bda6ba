"""Read-only mappings that pickle, so that a frozen object can hold them."""

from collections.abc import Iterator, Mapping

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

    __slots__ = ()

    def __getitem__(self, key: str) -> pd.DataFrame:
        return super().__getitem__(key).copy()

    def __repr__(self) -> str:
        return f"<{', '.join(f'{name}: {len(table)} rows' for name, table in self._items.items())}>"
