"""Fetch the vendored front-end files anew: ``python tools/vendor.py [--check]``.

``vendor.lock.json`` names each npm package with its version, the integrity of its archive as npm tells it, and the SHA-256 of
each file that is taken. What does not agree with it is not written. Needs npm; ``--check`` looks at what is here, without one.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[1] / "src" / "fairgraph" / "web" / "static" / "vendor"


def main() -> int:
    """Fetch or check; return 1 if something does not agree with the lock."""
    lock = json.loads((VENDOR / "vendor.lock.json").read_text(encoding="utf-8"))
    wrong = []
    for package in lock["packages"]:
        if "--check" not in sys.argv:
            fetch(package)
        for name, sha256 in package["files"].items():
            path = VENDOR / package["folder"] / name
            if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
                wrong.append(str(path))
    told = "\n".join(f"differs: {path}" for path in wrong) or "all files are those of the lock"
    sys.stdout.write(f"{told}\n")
    return 1 if wrong else 0


def fetch(package: dict[str, str]) -> None:
    """Unpack the files of one package, if its archive is the one that is named."""
    with tempfile.TemporaryDirectory() as folder:
        named = f"{package['name']}@{package['version']}"
        packed = ["npm", "pack", "--silent", "--pack-destination", folder, named]
        subprocess.run(packed, check=True)
        (archive,) = Path(folder).iterdir()
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if f"sha512-{digest}" != package["integrity"]:
            raise SystemExit(f"{named}: the archive is not the one that was vendored")
        with tarfile.open(archive) as tar:
            for name in package["files"]:
                if name == "LICENSE":  # the package has none: its text is ours to keep
                    continue
                member = tar.extractfile(f"package/build/{name}")
                assert member is not None
                (VENDOR / package["folder"] / name).write_bytes(member.read())


if __name__ == "__main__":
    sys.exit(main())
