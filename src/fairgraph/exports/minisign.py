"""Signing what is written (minisign, Ed25519), with the key that the operator configured."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from pathlib import Path

from fairgraph.errors import UsageError

SECRET = "FAIRGRAPH_MINISIGN_SECRET"
"""The environment variable that names the file of a secret key without a password (``minisign -G -W``); without it, the one in the data folder."""
_HINT = (
    f"{SECRET}, or keys/minisign.key in the data folder, is a file as `minisign -G -W` writes it"
)


def signature(data: bytes, comment: str, kept: Path | None = None) -> bytes | None:
    """Return a signature of *data* with a trusted *comment* as minisign writes it, None if no key is configured.

    *kept* is the file of a key that is kept with the data; what the environment names comes before it. The same bytes and the same key
    give the same signature. Raises UsageError for a key that cannot be used, and for a kept one that others may read.
    """
    told = os.environ.get(SECRET)
    path = Path(told) if told else kept
    if path is None:
        return None
    if not told and path.stat().st_mode & 0o077:
        raise UsageError("may be read by others, so it is no secret", where=path.name, hint="chmod 600")  # fmt: skip
    key_id, seed = _key(path)
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    except ImportError as error:
        raise UsageError("signing needs fairgraph[signatures]", hint="pip install 'fairgraph[signatures]'") from error  # fmt: skip
    key = Ed25519PrivateKey.from_private_bytes(seed)
    value = key.sign(hashlib.blake2b(data).digest())
    over_all = key.sign(value + comment.encode())
    lines = (
        f"untrusted comment: signature by the minisign key {key_id[::-1].hex().upper()}",
        base64.b64encode(b"ED" + key_id + value).decode(),
        f"trusted comment: {comment}",
        base64.b64encode(over_all).decode(),
    )
    return "".join(f"{line}\n" for line in lines).encode()


def _key(path: Path) -> tuple[bytes, bytes]:
    """Return the id and the seed of a secret key (https://jedisct1.github.io/minisign/#secret-key-format)."""
    try:
        blob = base64.b64decode(path.read_text(encoding="utf-8").splitlines()[1], validate=True)
    except (OSError, ValueError, IndexError, binascii.Error) as error:
        raise UsageError("is no secret key of minisign", where=path.name, hint=_HINT) from error
    if len(blob) != 158 or blob[:2] != b"Ed" or blob[4:6] != b"B2":
        raise UsageError("is no secret key of minisign", where=path.name, hint=_HINT)
    if blob[2:4] != b"\0\0":
        raise UsageError("is protected by a password, which nobody can be asked for", where=path.name, hint=_HINT)  # fmt: skip
    key_id, secret, known = blob[54:62], blob[62:126], blob[126:]
    if hashlib.blake2b(blob[:2] + key_id + secret, digest_size=32).digest() != known:
        raise UsageError("is damaged: its checksum is wrong", where=path.name, hint=_HINT)
    return key_id, secret[:32]
