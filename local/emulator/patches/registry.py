"""What the emulator lacks, as named patches that are checked before any is made."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

Patch = Callable[..., Any]
Target = ModuleType | MutableMapping[str, Any]


class GapError(Exception):
    """The emulator is not the one that the gaps were filled for."""


@dataclass(frozen=True)
class Gap:
    """A difference from AWS that the Terraform provider trips over."""

    id: str
    """Service and concern, for example `ec2.flow-log`."""
    resource: str
    """Terraform type that shows it."""
    symptom: str
    """What Terraform reports without the patches."""

    def replaces(self, target: Target, name: str) -> Callable[[Patch], Patch]:
        """Registers a function in place of `target.name` or `target[name]`. It is called with the original first."""

        def register(patch: Patch) -> Patch:
            _fillings.append(_Filling(self, target, name, patch, adds=False))
            return patch

        return register

    def adds(self, target: MutableMapping[str, Any], name: str) -> Callable[[Patch], Patch]:
        """Registers the handler of an action that the emulator does not know."""

        def register(patch: Patch) -> Patch:
            _fillings.append(_Filling(self, target, name, patch, adds=True))
            return patch

        return register


@dataclass(frozen=True)
class _Filling:
    gap: Gap
    target: Target
    name: str
    patch: Patch
    adds: bool

    def problem(self) -> str | None:
        """Why the patch does not fit the emulator, or nothing."""
        original = self._original()
        if self.adds:
            return None if original is None else f"{self._where()} exists now; drop the patch if it suffices"
        if original is None:
            return f"{self._where()} is gone"
        found, wanted = _parameters(original), _parameters(self.patch)[1:]
        return None if found == wanted else f"{self._where()} takes ({', '.join(found)}), not ({', '.join(wanted)})"

    def install(self) -> None:
        patch = self.patch if self.adds else functools.partial(self.patch, self._original())
        if isinstance(self.target, ModuleType):
            setattr(self.target, self.name, patch)
        else:
            self.target[self.name] = patch

    def _original(self) -> Callable[..., Any] | None:
        if isinstance(self.target, ModuleType):
            return getattr(self.target, self.name, None)
        return self.target.get(self.name)

    def _where(self) -> str:
        return f"{self.target.__name__}.{self.name}" if isinstance(self.target, ModuleType) else f"action {self.name}"


_fillings: list[_Filling] = []


def all_gaps() -> list[Gap]:
    """Every gap once, in the order of declaration."""
    return list(dict.fromkeys(filling.gap for filling in _fillings))


def install() -> None:
    """Fills every gap, or none.

    Raises GapError, naming every patch that does not fit.
    """
    problems = [f"  {filling.gap.id}: {problem}" for filling in _fillings if (problem := filling.problem())]
    if problems:
        raise GapError("patches that do not fit this emulator:\n" + "\n".join(problems))
    for filling in _fillings:
        filling.install()


def _parameters(function: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(function).parameters)
