"""Hash the files of a folder and copy them, block by block, and make the copies durable."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

BLOCK_BYTES = 1 << 20


def main() -> None:
    """Copy the first folder named on the command line to the second one."""
    source, target = map(Path, sys.argv[1:])
    target.mkdir()
    names = []
    for path in sorted(source.iterdir()):
        known = hashlib.sha256()
        with path.open("rb") as content, (target / path.name).open("wb") as copy:
            while block := content.read(BLOCK_BYTES):
                known.update(block)
                copy.write(block)
        names.append(known.hexdigest())
    os.sync()
    sys.stdout.write(f"{len(names)} files\n")


if __name__ == "__main__":
    main()
