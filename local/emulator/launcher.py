"""Starts MiniStack with its patches; with `--list-patches`, prints them as JSON and ends.

Settings are MiniStack's own environment variables: GATEWAY_PORT, BIND_HOST, STATE_DIR and so on.
"""

import json
import sys
from dataclasses import asdict

from ministack.app import main as serve
from patches import PatchError, apply_patches
from saving import save_while_running


def main(arguments: list[str]) -> int:
    try:
        patches = apply_patches()
    except PatchError as error:
        print(f"The AWS emulator was not started: {error}", file=sys.stderr)
        return 1
    if arguments == ["--list-patches"]:
        print(json.dumps([asdict(patch) for patch in patches], indent=2))
        return 0
    save_while_running()
    serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
