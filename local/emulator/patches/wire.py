"""The query protocol's requests and XML answers, as far as the patches touch them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from xml.sax.saxutils import escape

Params = Mapping[str, Any]
Response = tuple[int, dict[str, str], bytes]


def value(params: Params, key: str, default: str = "") -> str:
    """One parameter; parsers hand over both texts and lists of texts."""
    found = params.get(key, default)
    if isinstance(found, list):
        return found[0] if found else default
    return found


def numbered(params: Params, prefix: str, suffix: str = "") -> list[str]:
    """The values of `prefix.1suffix`, `prefix.2suffix` and so on."""
    found: list[str] = []
    while item := value(params, f"{prefix}.{len(found) + 1}{suffix}"):
        found.append(item)
    return found


def nested(params: Params, excluding: Iterable[str] = ()) -> dict[str, Any]:
    """Parameters as the tree that their dotted names describe."""
    root: dict[str, Any] = {}
    for key in params:
        path = key.split(".")
        if path[0] in excluding:
            continue
        branch = root
        for part in path[:-1]:
            branch = branch.setdefault(part, {})
        branch[path[-1]] = value(params, key)
    return root


def element(name: str, content: object) -> str:
    """An XML element with escaped text; booleans as AWS writes them."""
    text = str(content).lower() if isinstance(content, bool) else str(content)
    return f"<{name}>{escape(text)}</{name}>"


def elements(contents: Mapping[str, object]) -> str:
    """An XML element for each entry that has a value."""
    return "".join(element(name, content) for name, content in contents.items() if content not in (None, ""))


def tree(content: object) -> str:
    """A tree from `nested` as XML; numbered members become a list in their order."""
    if not isinstance(content, dict):
        return escape(str(content))
    members = content.get("member")
    if isinstance(members, dict):
        return "".join(f"<member>{tree(members[key])}</member>" for key in sorted(members, key=int))
    return "".join(f"<{name}>{tree(child)}</{name}>" for name, child in content.items())


def append(xml: str, addition: str) -> str:
    """`xml` with `addition` inside its last element, at the end."""
    end = xml.rindex("</")
    return xml[:end] + addition + xml[end:]


def rewrite(response: Response, change: Callable[[str], str]) -> Response:
    """A response whose body was changed."""
    status, headers, body = response
    return status, headers, change(body.decode()).encode()
