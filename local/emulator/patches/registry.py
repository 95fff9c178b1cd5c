"""The patches by name: all are checked against the emulator before any is installed."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

Handler = Callable[..., Any]
Target = ModuleType | MutableMapping[str, Any]


class PatchError(Exception):
    """The emulator is not the one that the patches were made for."""


@dataclass(frozen=True)
class Patch:
    """Mends a difference from AWS that the Terraform provider trips over."""

    id: str
    """Service and concern, for example `ec2.flow-log`."""
    resource: str
    """Terraform type that shows it."""
    symptom: str
    """What Terraform reports without the patch."""

    def replaces(self, target: Target, name: str) -> Callable[[Handler], Handler]:
        """Registers a function in place of `target.name` or `target[name]`. It is called with the original first."""

        def register(handler: Handler) -> Handler:
            _replacements.append(_Replacement(self, target, name, handler, adds=False))
            return handler

        return register

    def adds(self, target: MutableMapping[str, Any], name: str) -> Callable[[Handler], Handler]:
        """Registers the handler of an action that the emulator does not know."""

        def register(handler: Handler) -> Handler:
            _replacements.append(_Replacement(self, target, name, handler, adds=True))
            return handler

        return register


@dataclass(frozen=True)
class _Replacement:
    of: Patch
    target: Target
    name: str
    handler: Handler
    adds: bool

    def problem(self) -> str | None:
        """Why the patch does not fit the emulator, or nothing."""
        original = self._original()
        if self.adds:
            return None if original is None else f"{self._where()} exists now; drop the patch if it suffices"
        if original is None:
            return f"{self._where()} is gone"
        found, wanted = _parameters(original), _parameters(self.handler)[1:]
        return None if found == wanted else f"{self._where()} takes ({', '.join(found)}), not ({', '.join(wanted)})"

    def install(self) -> None:
        handler = self.handler if self.adds else functools.partial(self.handler, self._original())
        if isinstance(self.target, ModuleType):
            setattr(self.target, self.name, handler)
        else:
            self.target[self.name] = handler

    def _original(self) -> Callable[..., Any] | None:
        if isinstance(self.target, ModuleType):
            return getattr(self.target, self.name, None)
        return self.target.get(self.name)

    def _where(self) -> str:
        return f"{self.target.__name__}.{self.name}" if isinstance(self.target, ModuleType) else f"action {self.name}"


_replacements: list[_Replacement] = []


def all_patches() -> list[Patch]:
    """Every patch once, in the order of declaration."""
    return list(dict.fromkeys(each.of for each in _replacements))


def install() -> None:
    """Installs every patch, or none.

    Raises PatchError, naming every patch that does not fit.
    """
    problems = [f"  {each.of.id}: {problem}" for each in _replacements if (problem := each.problem())]
    if problems:
        raise PatchError("patches that do not fit this emulator:\n" + "\n".join(problems))
    for each in _replacements:
        each.install()


def _parameters(function: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(function).parameters)
