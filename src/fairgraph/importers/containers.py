"""Container images by their references: registry, name, tag, digest; a file (Apptainer, Singularity) by its bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from fairgraph.errors import SourceError, UsageError
from fairgraph.files import Digests

RUN = "https://w3id.org/ro/terms/workflow-run#"
DOCKER, SIF = RUN + "DockerImage", RUN + "SIFImage"
_SCHEMES = ("docker://", "oras://", "library://", "shub://", "oci://", "podman://")
_HUB = "docker.io"
# The grammar of references (distribution/reference): domain, path, tag, digest.
_NAME = re.compile(
    r"(?:(?P<registry>[A-Za-z0-9.-]+(?::[0-9]+)?)/)?(?P<name>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@sha256:(?P<sha256>[0-9a-f]{64}))?"
)


@dataclass(frozen=True)
class Image:
    """A container image: what it is called, where it comes from, and the SHA-256 of its manifest (or of its file) if that is known."""

    reference: str
    type: str
    name: str
    registry: str = ""
    tag: str = ""
    sha256: str = ""


def read_image(text: str) -> Image:
    """Return the image that a reference (``docker.io/org/tool:1.0@sha256:…``) or the path of a ``.sif`` file means.

    Raises UsageError if it is neither, SourceError if the file cannot be read.
    """
    path = Path(text)
    if path.suffix.lower() in (".sif", ".simg", ".img") and "://" not in text:
        try:
            with path.open("rb") as content:
                sha256 = Digests().add(content).sha256
        except OSError as error:
            raise SourceError(f"cannot be read: {error.strerror}", where=text) from error
        except ValueError as error:  # NUL
            raise UsageError(f"{text[:120]!r} is no name of a file") from error
        return Image(path.name, SIF, path.name, sha256=sha256)
    scheme = next((one for one in _SCHEMES if text.startswith(one)), "")
    plain = text.removeprefix(scheme)
    match = _NAME.fullmatch(plain)
    if match is None:
        raise UsageError(
            f"{text[:120]!r} is no reference of a container image and no .sif file",
            hint="for instance quay.io/biocontainers/star:2.7.11b--h43eeafb_0, or tool.sif",
        )
    registry, name = match["registry"] or "", match["name"]
    # The first part is a registry only if it looks like a host; else it belongs to the name, and the hub is meant.
    if registry and not ("." in registry or ":" in registry or registry == "localhost"):
        registry, name = "", f"{registry}/{name}"
    if scheme not in ("library://", "shub://"):
        registry = registry or _HUB
    type_ = SIF if scheme in ("oras://", "library://", "shub://") else DOCKER
    return Image(text, type_, name, registry, match["tag"] or "", match["sha256"] or "")
