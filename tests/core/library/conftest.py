"""A data root that does not wait for the disk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.config import DataRoot
from tests.made import root_in_memory


@pytest.fixture
def data_root() -> Iterator[DataRoot]:
    """An empty data root of this test's own."""
    with root_in_memory() as root:
        yield root
