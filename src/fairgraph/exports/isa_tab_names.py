"""How the files of an ISA-Tab package are called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import PurePosixPath

from fairgraph.exports.isa_tab_investigation import file_name
from fairgraph.exports.isa_view import IsaView
from fairgraph.terms import ISA

README = "README.md"
_LONGEST = 200  # bytes; file systems take 255
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\/]|[ .]$')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?|\.{1,2}", re.IGNORECASE)


def table_names(
    view: IsaView, tables: Mapping[str, list[bytes]], notes: list[str]
) -> dict[str, str]:
    """Return the name of the file of each table: as it was given, or made from the end of its IRI.

    No two files have names that some file system takes for one, no name leads out of the folder, and none is that of the
    investigation file or the README. *notes* gets a sentence for each name that could not stay.
    """
    names: dict[str, str] = {}
    owners: dict[str, str] = {_folded(file_name(view)): "", _folded(README): ""}
    for table in tables:
        given = view.text(table, ISA.fileName)
        name = wanted = _usable(given) or _made(view, table)
        stem, dot, suffix = wanted.rpartition(".")
        number = 1
        # Two assays may name one file. It stays one, unless an update made them differ.
        while (owner := owners.get(_folded(name))) is not None:
            if owner and names[owner] == name and tables[owner] == tables[table]:
                break
            number += 1
            name = f"{stem or suffix}-{number}{dot}{suffix if stem else ''}"
        owners.setdefault(_folded(name), table)
        names[table] = name
        if given and name != given:
            notes.append(f"{given!r} cannot be the name of a file here; the table is {name!r}")
    return names


def _usable(given: str) -> str:
    name = PurePosixPath(given.replace("\\", "/")).name
    bad = _UNSAFE.search(name) or _RESERVED.fullmatch(name) or len(name.encode()) > _LONGEST
    return "" if bad else name


def _made(view: IsaView, table: str) -> str:
    prefix = "s_" if view.is_a(table, ISA.Study) else "a_"
    name = table.rpartition("/")[2].removesuffix(".txt").removeprefix(prefix)
    return f"{prefix}{name.encode()[: _LONGEST - 10].decode(errors='ignore')}.txt"


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
