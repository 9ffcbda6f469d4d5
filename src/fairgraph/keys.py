"""API keys: who may see what is private, and write, without being the owner at the keyboard.

A key is ``fg_{id}_{secret}``, shown once. Kept is its SHA-256 alone: the secret has 256 random bits, so nothing slower is needed.
The file of keys lies beside the graph, in no query's reach.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from fairgraph.errors import NotFound, StoreError, UsageError
from fairgraph.files import locked
from fairgraph.writing import whole_file

SCOPES = ("read", "write", "admin")
"""What a key allows, each more than the one before: to see everything, to write as well, to forget as well (``--purge``)."""


@dataclass(frozen=True)
class Key:
    """What is known of a key: *expires* is the first day on which it is worth nothing (ISO 8601, ``""``: never)."""

    name: str
    id: str
    scope: str
    created: str
    expires: str
    sha256: str

    def allows(self, scope: str) -> bool:
        """Tell whether the key is good for *scope*."""
        return SCOPES.index(self.scope) >= SCOPES.index(scope)

    @property
    def expired(self) -> bool:
        """True from the day on which it ends (UTC)."""
        return bool(self.expires) and self.expires <= datetime.now(UTC).date().isoformat()

    def as_dict(self) -> dict[str, Any]:
        """Return the key as it is listed, without its hash."""
        known = {name: value for name, value in asdict(self).items() if name != "sha256"}
        return {**known, "expired": self.expired}


class Keys:
    """The keys of one store: in the file *path*, or in memory."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._in_memory: list[Key] = []

    @property
    def signing_key(self) -> Path | None:
        """The file of the secret key of minisign by which exports are signed: ``minisign.key`` beside the API keys, None if it is not there."""
        path = self._path.with_name("minisign.key") if self._path else None
        return path if path is not None and path.exists() else None

    def listed(self) -> list[Key]:
        """Return the keys by name, those that have expired too."""
        return sorted(self._read(), key=lambda key: key.name)

    def create(self, name: str, *, scope: str = "read", expires: str = "") -> tuple[Key, str]:
        """Make a key; return it and its text, which nobody can be told again.

        Raises UsageError for a name that is taken or empty, an unknown scope, and a date that is none or has passed.
        """
        if not name.strip() or len(name) > 100 or not name.isprintable():
            raise UsageError("a key needs a name of one to 100 characters")
        if scope not in SCOPES:
            raise UsageError(f"there is no scope {scope!r}", hint=f"scopes: {', '.join(SCOPES)}")
        if expires:
            _check_date(expires)
        text = f"fg_{secrets.token_hex(4)}_{secrets.token_urlsafe(32)}"
        time = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        key = Key(name, text.split("_")[1], scope, time, expires, _digest(text))
        with self._changing() as known:
            if any(other.name == name for other in known):
                raise UsageError(
                    f"there is a key called {name!r} already", hint="fairgraph key revoke NAME"
                )
            known.append(key)
        return key, text

    def revoke(self, name: str) -> Key:
        """Forget a key, by name or id; whoever has it has nothing from now on. NotFound if there is none."""
        with self._changing() as known:
            for key in known:
                if name in (key.name, key.id):
                    known.remove(key)
                    return key
        raise NotFound(f"there is no key {name!r}", hint="fairgraph key list")

    def find(self, text: str) -> Key | None:
        """Return the key with this text, unless it has expired."""
        digest = _digest(text)
        for key in self._read():
            if hmac.compare_digest(key.sha256, digest) and not key.expired:
                return key
        return None

    def _read(self) -> list[Key]:
        if self._path is None:
            return list(self._in_memory)
        try:
            return [Key(**known) for known in json.loads(self._path.read_text(encoding="utf-8"))]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError) as error:
            raise StoreError(
                f"the keys cannot be read: {error}",
                where=str(self._path),
                hint="remove the file and make new keys",
            ) from error

    @contextmanager
    def _changing(self) -> Iterator[list[Key]]:
        if self._path is None:
            yield self._in_memory
            return
        with locked(self._path.parent):
            known = self._read()
            yield known
            self._write(known)

    def _write(self, keys: Iterable[Key]) -> None:
        assert self._path is not None
        with whole_file(self._path, private=True) as file:
            file.write(json.dumps([asdict(key) for key in keys], indent=1).encode() + b"\n")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _check_date(text: str) -> None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no date", hint="write it as 2027-01-31") from None
    if day <= datetime.now(UTC).date():
        raise UsageError(f"{text} has passed", hint="a key ends on a day to come")
