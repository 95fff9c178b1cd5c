"""Stores that the emulator does not have, saved and restored with the service that they belong to."""

from __future__ import annotations

import copy
from types import ModuleType
from typing import Any

from ministack.core.responses import AccountRegionScopedDict

from .registry import Gap, Patch


def persisted(gap: Gap, service: ModuleType, name: str) -> AccountRegionScopedDict:
    """A store by account and region, kept under `name` in the service's saved state."""
    store = AccountRegionScopedDict()

    @gap.replaces(service, "get_state")
    def get_state(original: Patch) -> dict[str, Any]:
        return {**original(), name: copy.deepcopy(store)}

    @gap.replaces(service, "load_persisted_state")
    def load_persisted_state(original: Patch, data: dict[str, Any]) -> None:
        store.update(data.get(name, {}))
        original(data)

    return store
