"""Signatures of notebooks (minisign): verified against the keys that the operator configured, never against one in the archive."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from pathlib import Path

from fairgraph.importers.rules import finding
from fairgraph.report import Finding

KEYS = "FAIRGRAPH_MINISIGN_KEYS"
"""The environment variable that names a folder of public keys (``*.pub``, as ``minisign -G`` writes them)."""


def judge(signature: bytes, signed: bytes, *, where: str) -> Finding:
    """Return the verdict on a signature of the bytes *signed* as a finding."""
    try:
        algorithm, key_id, value, comment, over_all = _parsed(signature)
    except (ValueError, binascii.Error, IndexError):
        return finding(
            "warning", "crate-signature", "the signature is in no form of minisign", where=where
        )
    name = key_id[::-1].hex().upper()
    key = _keys().get(key_id)
    if key is None:
        message = f"signed by the key {name}, which nobody has configured: the signature proves nothing here"
        return finding("info", "crate-signature", message, where=where)
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        message = f"signed by the key {name}, and not verified: that needs fairgraph[signatures]"
        return finding("warning", "crate-signature", message, where=where)
    message_bytes = hashlib.blake2b(signed).digest() if algorithm == b"ED" else signed
    try:
        public = Ed25519PublicKey.from_public_bytes(key)
        public.verify(value, message_bytes)
        public.verify(over_all, value + comment)
    except (InvalidSignature, ValueError):
        message = f"the signature by the key {name} is not one of these metadata: they were changed, or it was"
        return finding("violation", "crate-signature", message, where=where)
    return finding(
        "info",
        "crate-signature",
        f"signed by the key {name}, which is configured: verified",
        where=where,
    )


def _parsed(signature: bytes) -> tuple[bytes, bytes, bytes, bytes, bytes]:
    """Return algorithm, key, signature, trusted comment and the signature of both (https://jedisct1.github.io/minisign/)."""
    lines = signature.decode("utf-8").splitlines()
    blob = base64.b64decode(lines[1], validate=True)
    over_all = base64.b64decode(lines[3], validate=True)
    if len(blob) != 74 or len(over_all) != 64 or blob[:2] not in (b"Ed", b"ED"):
        raise ValueError("not of minisign")
    return (
        blob[:2],
        blob[2:10],
        blob[10:],
        lines[2].removeprefix("trusted comment: ").encode(),
        over_all,
    )


def _keys() -> dict[bytes, bytes]:
    """Return the configured public keys by their ids; files that hold none are passed over."""
    folder = os.environ.get(KEYS)
    found: dict[bytes, bytes] = {}
    for path in sorted(Path(folder).glob("*.pub")) if folder else ():
        try:
            blob = base64.b64decode(
                path.read_text(encoding="utf-8").splitlines()[-1], validate=True
            )
        except (OSError, ValueError, IndexError, binascii.Error):
            continue
        if len(blob) == 42 and blob[:2] == b"Ed":
            found[blob[2:10]] = blob[10:]
    return found
