"""What every test shares: a cache of its own, no network, no window, and hypothesis profiles."""

import ipaddress
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]

settings.register_profile("default", deadline=None, max_examples=50)
# The same examples in every run: a submission must not fail on a draw of the dice that its author never saw.
settings.register_profile("ci", parent=settings.get_profile("default"), derandomize=True, database=None)
settings.register_profile("thorough", parent=settings.get_profile("default"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "default"))

# Before any test module imports a plotting library.
os.environ.setdefault("MPLBACKEND", "Agg")


@pytest.fixture(scope="session", autouse=True)
def isolated_cache() -> Iterator[Path]:
    """Fits of a session are cached apart from the user's, unless VZFORECAST_CACHE says where."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory(prefix="vzforecast-cache-") as folder:
        if "VZFORECAST_CACHE" not in os.environ:
            patch.setenv("VZFORECAST_CACHE", folder)
        yield Path(os.environ["VZFORECAST_CACHE"])


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Connections to other machines fail: nothing in the library or its tests may need one."""
    connect = socket.socket.connect

    def connect_here_only(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not is_loopback(address[0]):
            message = f"a test tried to reach {address!r}: tests use no network"
            raise RuntimeError(message)
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_here_only)
        yield


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return ROOT


@pytest.fixture
def closed_figures() -> Iterator[None]:
    """The test leaves no figure open: nothing would be shown by itself, and none keeps its memory."""
    from matplotlib import pyplot as plt  # noqa: PLC0415 - most tests draw nothing

    plt.close("all")  # another test may have drawn with pyplot itself
    yield
    left = plt.get_fignums()
    plt.close("all")
    assert left == []
