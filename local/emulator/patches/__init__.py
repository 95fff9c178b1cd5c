"""Patches of the emulator where it differs from AWS: one module a concern."""

import importlib
import pkgutil
from importlib.metadata import version

from .registry import Patch, PatchError, all_patches, install

__all__ = ["Patch", "PatchError", "apply_patches"]

PATCHED_RELEASE = "1.5.33"
"""The release of the emulator that every patch was written and tested against."""


def apply_patches() -> list[Patch]:
    """Applies every patch and returns them.

    Raises PatchError when the emulator is another release, or a patch does not fit it.
    """
    installed = version("ministack")
    if installed != PATCHED_RELEASE:
        raise PatchError(
            f"MiniStack {installed} is installed, but its patches were made for {PATCHED_RELEASE}: "
            "review local/emulator/patches, run the emulator's contract tests, then set PATCHED_RELEASE"
        )
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    install()
    return all_patches()
