"""Check the docstrings of public names with numpydoc and print each fault.

What users import (``vzforecast.__all__`` and its public methods) must document parameters and returned values, and show
an example (of a class, one for all its methods). Other public names of the modules may leave those sections out, but a
section that is there must be right. The codes that are checked, and the reason of each exception, stand in
pyproject.toml under ``tool.numpydoc_validation``.
"""

import importlib
import inspect
import pkgutil
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from numpydoc.docscrape import NumpyDocString
from numpydoc.validate import ERROR_MSGS, validate

import vzforecast

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"
# Faults that say no more than "this section is missing", by the heading of the section.
MISSING_SECTION = {"PR01": "Parameters", "RT01": "Returns", "YD01": "Yields", "EX01": "Examples"}


def checked_codes() -> set[str]:
    """Return the codes that pyproject.toml leaves switched on: with "all" in the list, the others are exceptions."""
    checks = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["tool"]["numpydoc_validation"]["checks"]
    return set(ERROR_MSGS) - set(checks) if "all" in checks else set(checks)


def modules() -> Iterator[ModuleType]:
    yield vzforecast
    for found in pkgutil.walk_packages(vzforecast.__path__, prefix="vzforecast."):
        if not any(part.startswith("_") for part in found.name.split(".")):
            yield importlib.import_module(found.name)


def documented(item: Any) -> bool:
    """Tell whether the item is a function or class of ours, and so has a docstring of its own."""
    ours = str(getattr(item, "__module__", "")).startswith("vzforecast")
    return ours and (inspect.isclass(item) or inspect.isroutine(item))


def with_methods(item: Any) -> Iterator[str]:
    """Yield the import path of the item and, of a class, those of the public methods and properties it defines."""
    path = f"{item.__module__}.{item.__qualname__}"
    yield path
    if inspect.isclass(item):
        for name, member in vars(item).items():
            if not name.startswith("_") and (
                inspect.isroutine(member) or isinstance(member, property | cached_property | classmethod | staticmethod)
            ):
                yield f"{path}.{name}"


def surface() -> set[str]:
    exported = [getattr(vzforecast, name) for name in vzforecast.__all__]
    # A module with a public name of its own (``vzforecast.plot``) stands for what it offers.
    exported += [getattr(item, name) for item in exported if inspect.ismodule(item) for name in item.__all__]
    return {path for item in exported if documented(item) for path in with_methods(item)}


def inner() -> set[str]:
    return {
        path
        for module in modules()
        for name, item in vars(module).items()
        if not name.startswith("_") and documented(item) and item.__module__ == module.__name__
        for path in with_methods(item)
    }


def excused(code: str, message: str, docstring: str, *, strict: bool, member: bool) -> bool:
    """Tell whether a fault is none here, by the rules at the head of this file."""
    if code == "PR01":  # a dataclass may describe its fields, which are its parameters, as attributes
        attributes = {name for entry in NumpyDocString(docstring)["Attributes"] for name in entry.name.split(", ")}
        if set(re.findall(r"'(\w+)'", message)) <= attributes:
            return True
    if code == "EX01" and member:  # the example of its class shows it
        return True
    return not strict and code in MISSING_SECTION and f"{MISSING_SECTION[code]}\n---" not in docstring


def faults(path: str, codes: set[str], *, strict: bool) -> list[str]:
    result = validate(path)
    member = result["type"] != "type" and inspect.isclass(pkgutil.resolve_name(path.rpartition(".")[0]))
    return [
        f"{result['file']}:{result['file_line']}: {path}: {code} {message}"
        for code, message in result["errors"]
        if code in codes and not excused(code, message, result["docstring"], strict=strict, member=member)
    ]


def main() -> int:
    codes = checked_codes()
    public = surface()
    others = inner() - public
    found = [fault for path in sorted(public) for fault in faults(path, codes, strict=True)]
    found += [fault for path in sorted(others) for fault in faults(path, codes, strict=False)]
    for fault in found:
        print(fault)
    print(f"docstrings: {len(public)} of the surface and {len(others)} others checked, {len(found)} faults")
    return 1 if found or not public else 0


if __name__ == "__main__":
    sys.exit(main())
