"""Where the emulator differs from AWS, filled: one module a concern."""

import importlib
import pkgutil
from importlib.metadata import version

from .registry import Gap, GapError, all_gaps, install

__all__ = ["Gap", "GapError", "fill"]

FILLED_FOR = "1.5.33"
"""The release of the emulator that every patch was written and tested against."""


def fill() -> list[Gap]:
    """Fills every gap and returns them.

    Raises GapError when the emulator is another release, or a patch does not fit it.
    """
    installed = version("ministack")
    if installed != FILLED_FOR:
        raise GapError(
            f"MiniStack {installed} is installed, but its gaps were filled for {FILLED_FOR}: "
            "review local/emulator/patches, run the emulator's contract tests, then set FILLED_FOR"
        )
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    install()
    return all_gaps()
