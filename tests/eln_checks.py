"""The rules of the ELN file format 1.2+20260923, each as a question to an archive: what is wrong, in words."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

METADATA = "ro-crate-metadata.json"
SPECIFICATION = "https://purl.archive.org/purl/elnconsortium/eln-spec/1.2+20260923"
RO_CRATE = "https://w3id.org/ro/crate/1.2"
WORKS = {"Dataset", "File", "Comment", "CreativeWork", "HowToStep", "HowToDirection", "HowToSection", "HowTo", "Message", "Book", "TextObject", "SoftwareSourceCode"}  # fmt: skip
TEXTS = ("name", "text", "keywords", "identifier", "genre", "creativeWorkStatus", "encodingFormat", "url", "version", "dateCreated", "dateModified")  # fmt: skip
Node = dict[str, Any]


@dataclass
class Notebook:
    """An archive that was read: its members, its document, its nodes by their ids."""

    members: dict[str, zipfile.ZipInfo]
    root: str
    document: Node
    nodes: list[Node]
    sha256: dict[str, str]

    def node(self, raw: str) -> Node:
        return next((node for node in self.nodes if node["@id"] == raw), {})


def read(path: Path) -> Notebook:
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: info for info in archive.infolist()}
        root = next(iter(members)).split("/")[0]
        document = json.loads(archive.read(f"{root}/{METADATA}"))
        hashes = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in members if not name.endswith("/")}  # fmt: skip
    return Notebook(members, root, document, document["@graph"], hashes)


def several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def types(node: Node) -> set[str]:
    return set(several(node.get("@type")))


def refers(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"@id"}


# -- Rules -----------------------------------------------------------------------------------------------------------------


def one_root_folder(n: Notebook) -> Iterator[str]:
    for name in n.members:
        parts = PurePosixPath(name).parts
        if parts[0] != n.root or (len(parts) == 1 and not name.endswith("/")) or ".." in parts:
            yield name


def limits(n: Notebook) -> Iterator[str]:
    if len(n.members) > 10_000 or sum(info.file_size for info in n.members.values()) > 4 * 1024**3:
        yield "too large"


def not_encrypted(n: Notebook) -> Iterator[str]:
    yield from (name for name, info in n.members.items() if info.flag_bits & 1)


def context(n: Notebook) -> Iterator[str]:
    if several(n.document["@context"])[0] != f"{RO_CRATE}/context":
        yield str(n.document["@context"])


def flat(n: Notebook) -> Iterator[str]:
    for node in n.nodes:
        for key, value in node.items():
            for one in several(value):
                if isinstance(one, list) or (isinstance(one, dict) and not refers(one) and "@value" not in one):  # fmt: skip
                    yield f"{node['@id']} {key}"


def typed_and_named_once(n: Notebook) -> Iterator[str]:
    counts = Counter(node["@id"] for node in n.nodes)
    yield from (raw for raw, count in counts.items() if count > 1)
    yield from (node["@id"] for node in n.nodes if not types(node))


def uris(n: Notebook) -> Iterator[str]:
    for node in n.nodes:
        if re.search(r"[\s<>\"{}|\\^`]|%(?![0-9A-Fa-f]{2})|//$", node["@id"]):
            yield node["@id"]


def descriptor(n: Notebook) -> Iterator[str]:
    node = n.node(METADATA)
    if "CreativeWork" not in types(node) or node.get("about") != {"@id": "./"}:
        yield "is no description"
    if {"@id": RO_CRATE} not in several(node.get("conformsTo")):
        yield "conformsTo"
    if not isinstance(node.get("version"), str):
        yield "version"
    publisher = node.get("sdPublisher")
    if not refers(publisher) or not n.node(publisher["@id"]):
        yield "sdPublisher"


def conforms(n: Notebook) -> Iterator[str]:
    told = {value["@id"] for value in several(n.node("./").get("conformsTo"))}
    for wanted in (RO_CRATE, SPECIFICATION):
        if wanted not in told or not {"CreativeWork", "Profile"} <= types(n.node(wanted)):
            yield wanted


def root(n: Notebook) -> Iterator[str]:
    node = n.node("./")
    for key in ("name", "description", "license", "datePublished"):
        if not node.get(key):
            yield key
    if "hasPart" not in node:
        yield "hasPart"
    if "Dataset" not in types(node):
        yield "is no Dataset"


def parts(n: Notebook) -> Iterator[str]:
    for node in n.nodes:
        value = node.get("hasPart", [])
        if not isinstance(value, list):
            yield f"{node['@id']} has no list"
        yield from (part["@id"] for part in several(value) if not n.node(part["@id"]))


def entries_are_parts_of_the_root(n: Notebook) -> Iterator[str]:
    top = {part["@id"] for part in n.node("./")["hasPart"]}
    for node in n.nodes:
        for part in several(node.get("hasPart")):
            if "Dataset" in types(n.node(part["@id"])) and part["@id"] not in top and part["@id"] != "./":  # fmt: skip
                yield part["@id"]


def names(n: Notebook) -> Iterator[str]:
    for node in n.nodes:
        if types(node) & {"Dataset", "File"} and not node.get("name"):
            yield node["@id"]


def texts(n: Notebook) -> Iterator[str]:
    for node in n.nodes:
        yield from (f"{node['@id']} {key}" for key in TEXTS if not isinstance(node.get(key, ""), str))  # fmt: skip


def sizes(n: Notebook) -> Iterator[str]:
    for node in n.nodes:
        value = node.get("contentSize", "0")
        if "File" in types(node) and (not isinstance(value, str) or not value.isdecimal()):
            yield node["@id"]


def authors(n: Notebook) -> Iterator[str]:
    for node in n.nodes:
        yield from (node["@id"] for one in several(node.get("author")) if not refers(one))


def comments(n: Notebook) -> Iterator[str]:
    for node in n.nodes:
        value = node.get("comment", [])
        if not isinstance(value, list) or not all(refers(one) for one in value):
            yield node["@id"]


def texts_of_works(n: Notebook) -> Iterator[str]:
    yield from (node["@id"] for node in n.nodes if "text" in node and not types(node) & WORKS)


def checksums(n: Notebook) -> Iterator[str]:
    """A file that is there is described by what it is; a file that is described by a path is there."""
    for node in n.nodes:
        raw = node["@id"]
        if "File" not in types(node) or ":" in raw.split("/")[0] or raw.startswith("#"):
            continue
        name = f"{n.root}/{unquote(raw).removeprefix('./')}"
        found = n.members.get(name)
        if found is None:
            yield f"{raw} is not there"
        elif node.get("sha256") != n.sha256[name] or node.get("contentSize") != str(found.file_size):  # fmt: skip
            yield f"{raw} is another file"


def folders(n: Notebook) -> Iterator[str]:
    """What is a folder is a Dataset whose id ends with a slash, and is there."""
    for node in n.nodes:
        raw = node["@id"]
        if "Dataset" in types(node) and "://" not in raw and not raw.startswith("#") and raw != "./":  # fmt: skip
            name = f"{n.root}/{unquote(raw).removeprefix('./')}"
            if not raw.endswith("/"):
                yield raw
            elif not any(f"{member}/".startswith(name) for member in n.members):
                yield f"{raw} is not there"


RULES: tuple[Callable[[Notebook], Iterator[str]], ...] = (
    one_root_folder, limits, not_encrypted, context, flat, typed_and_named_once, uris, descriptor, conforms, root, parts,
    entries_are_parts_of_the_root, names, texts, sizes, authors, comments, texts_of_works, checksums, folders,
)  # fmt: skip


def broken(path: Path) -> dict[str, list[str]]:
    """What breaks which rule."""
    notebook = read(path)
    found = {rule.__name__: list(rule(notebook)) for rule in RULES}
    return {name: where for name, where in found.items() if where}
