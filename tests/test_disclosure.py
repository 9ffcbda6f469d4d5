"""What a dataset that is not public must not tell: the bytes of its files, and what they are called."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from fairgraph.api import Fairgraph
from fairgraph.errors import NotFound, SourceError, UsageError
from fairgraph.runs import Run
from fairgraph.store import open_store
from fairgraph.web.app import create_app

SECRET = b"the secret results"
SHA256 = hashlib.sha256(SECRET).hexdigest()


def crate(folder: Path, *, with_file: bool) -> Path:
    folder.mkdir(parents=True)
    graph = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.2"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": "A",
            "description": "B",
            "datePublished": "2026",
            "hasPart": [{"@id": "secret.txt"}],
        },
        {
            "@id": "secret.txt",
            "@type": "File",
            "name": "secret.txt",
            "sha256": SHA256,
            "contentSize": str(len(SECRET)),
        },
    ]
    (folder / "ro-crate-metadata.json").write_text(
        json.dumps({"@context": "https://w3id.org/ro/crate/1.2/context", "@graph": graph}),
        encoding="utf-8",
    )
    if with_file:
        (folder / "secret.txt").write_bytes(SECRET)
    return folder


def members(fg: Fairgraph, format: str, slug: str, path: Path) -> list[str]:
    fg.export(format, slug).to_path(path)
    with zipfile.ZipFile(path) as archive:
        return [name for name in archive.namelist() if name.endswith("secret.txt")]


def test_to_name_a_file_is_no_proof_of_having_it(tmp_path: Path) -> None:
    with Fairgraph(open_store(tmp_path / "store")) as fg:
        fg.add(crate(tmp_path / "hidden", with_file=True), with_files=True, visibility="private")
        fg.add(crate(tmp_path / "claim", with_file=False))
        public = fg.as_caller("public")
        with pytest.raises(NotFound):
            public.file(SHA256)
        assert fg.file(SHA256).read() == SECRET
        assert create_app(fg).test_client().get(f"/files/{SHA256}").status_code == 404
        for format in ("ro-crate", "eln"):
            assert members(public, format, "claim", tmp_path / f"{format}.zip") == []
            assert len(members(fg, format, "hidden", tmp_path / f"h-{format}.zip")) == 1
        # Who has the bytes and brings them may have them, whatever is hidden elsewhere.
        fg.add(crate(tmp_path / "own" / "claim", with_file=True), slug="own", with_files=True)
        assert public.file(SHA256).read() == SECRET
        assert len(members(public, "ro-crate", "own", tmp_path / "own.zip")) == 1


def test_files_that_come_later_are_kept_too(tmp_path: Path) -> None:
    with Fairgraph(open_store("memory:")) as fg:
        folder = crate(tmp_path / "later", with_file=True)
        fg.add(folder, with_files=False)
        with pytest.raises(NotFound):
            fg.file(SHA256)
        fg.add(folder, with_files=True)
        assert fg.file(SHA256).read() == SECRET
        fg.remove("later")
        with pytest.raises(NotFound):
            fg.file(SHA256)
        fg.remove("later", purge=True)
        assert not fg.store.files.has(SHA256)


def test_a_public_run_does_not_name_the_files_of_a_private_dataset(tmp_path: Path) -> None:
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    (outputs / "result.txt").write_text("1", encoding="utf-8")
    workflow = tmp_path / "main.cwl"
    workflow.write_text(
        "cwlVersion: v1.2\nclass: CommandLineTool\ninputs: []\noutputs: []\n", encoding="utf-8"
    )
    hidden = crate(tmp_path / "hidden", with_file=True)
    with Fairgraph(open_store("memory:")) as fg:
        used = fg.add(hidden, with_files=True, visibility="private").dataset
        run = Run(workflow, outputs, inputs=[hidden / "secret.txt"])
        recorded = fg.record_run(run, of=used, visibility="private").dataset
        with pytest.raises(UsageError, match="not public"):
            fg.set(recorded, visibility="public")
        fg.set(used, visibility="public")
        fg.set(recorded, visibility="public")
        with pytest.raises(UsageError, match="names files"):
            fg.set(used, visibility="private")
        fg.set(recorded, visibility="private")
        assert not fg.set(used, visibility="private").public
        assert "secret" not in fg.as_caller("public").export("samples-csv").to_bytes().decode()


LAUGHS = (
    b'<!DOCTYPE r [<!ENTITY a "' + b"x" * 100 + b'"><!ENTITY b "&a;&a;">]>',
    b"<!DOCTYPE r [<!ENTITY a '" + b"x" * 2000 + b"'>]>",
    b'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    b'<!DOCTYPE r [<!ENTITY % p "x">]>',
)
RDF = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e.org/"><rdf:Description rdf:about="http://e.org/s"><e:p>1</e:p></rdf:Description></rdf:RDF>'


@pytest.mark.parametrize("prolog", LAUGHS)
def test_entities_that_multiply_are_refused(tmp_path: Path, prolog: bytes) -> None:
    (tmp_path / "a.rdf").write_bytes(prolog + RDF)
    with Fairgraph(open_store("memory:")) as fg:
        with pytest.raises(SourceError, match="entity"):
            fg.add(tmp_path / "a.rdf")
        with pytest.raises(SourceError, match="entity"):
            fg.add_ontology(tmp_path / "a.rdf")
        key = fg.store.keys.create("k", scope="write")[1]
        put = (
            create_app(fg, writable=True)
            .test_client()
            .put(
                "/graphs/a",
                data=prolog + RDF,
                headers={"X-API-Key": key, "Content-Type": "application/rdf+xml"},
            )
        )
        assert put.status_code == 422
        assert fg.datasets() == []


def test_entities_for_namespaces_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.rdf").write_bytes(b'<!DOCTYPE rdf:RDF [<!ENTITY e "http://e.org/">]>' + RDF)
    with Fairgraph(open_store("memory:")) as fg:
        assert fg.add(tmp_path / "a.rdf").created
