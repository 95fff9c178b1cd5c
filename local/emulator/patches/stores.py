"""Stores that the emulator does not have, saved and restored with the service that they belong to."""

from __future__ import annotations

import copy
from types import ModuleType
from typing import Any

from ministack.core.responses import AccountRegionScopedDict

from .registry import Handler, Patch


def persisted(patch: Patch, service: ModuleType, name: str) -> AccountRegionScopedDict:
    """A store by account and region, kept under `name` in the service's saved state."""
    store = AccountRegionScopedDict()

    @patch.replaces(service, "get_state")
    def get_state(original: Handler) -> dict[str, Any]:
        return {**original(), name: copy.deepcopy(store)}

    @patch.replaces(service, "load_persisted_state")
    def load_persisted_state(original: Handler, data: dict[str, Any]) -> None:
        store.update(data.get(name, {}))
        original(data)

    return store
