"""The table of exports: everything that says what can be exported derives from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import BinaryIO, Literal, Protocol

from pyoxigraph import Literal as LiteralTerm
from pyoxigraph import NamedNode, QuerySolutions, Triple

from fairgraph.errors import NotFound, UsageError
from fairgraph.files import StoredFile


class Answers(Protocol):
    """What a serializer may ask: the named queries of its export, about one dataset (or all that the caller may see)."""

    @property
    def dataset(self) -> NamedNode:
        """The IRI of the dataset; of several, the IRI below which all datasets of the store are."""
        ...

    @property
    def datasets(self) -> tuple[NamedNode, ...]:
        """The datasets that are asked; empty: all that the caller may see."""
        ...

    @property
    def base(self) -> str:
        """The base IRI of the store."""
        ...

    @property
    def selection(self) -> frozenset[str] | None:
        """The IRIs of the samples that the export is limited to; None: all."""
        ...

    @property
    def options(self) -> Mapping[str, str]:
        """The options of this export, as given."""
        ...

    def each(self) -> Iterator[Answers]:
        """Yield the same for each dataset alone, by number: what one of them says of another is not asked."""
        ...

    def rows(self, query: str, **terms: Iterable[Term]) -> QuerySolutions:
        """Run a SELECT of the export: the name of a file in its folder, or the whole name of a query in a folder that it also asks.

        *terms* stand where the query says ``VALUES ?x { UNDEF }``.
        """
        ...

    def triples(self, query: str, **terms: Iterable[Term]) -> Iterator[Triple]:
        """Run a CONSTRUCT of the export, named as in :meth:`rows`."""
        ...

    def ntriples(self, output: BinaryIO, *asked: str, **terms: Iterable[Term]) -> None:
        """Write the answers to CONSTRUCTs as N-Triples, one after the other: for many triples, much faster than :meth:`triples`."""
        ...

    def file(self, sha256: str) -> StoredFile | None:
        """Return what is known of a file of the file store by its SHA-256, None if it is not there. Only a file that a query of the export named may be asked for."""
        ...

    def blocks(self, sha256: str) -> Iterator[bytes]:
        """Yield the bytes of such a file in blocks of 1 MiB, verified; NotFound if it is gone."""
        ...

    def signature(self, data: bytes, comment: str) -> bytes | None:
        """Return a signature of *data* with a trusted *comment* by the key of the operator, as minisign writes it; None without a key."""
        ...

    def note(self, text: str) -> None:
        """Tell the caller what the export could not do."""
        ...


Term = NamedNode | LiteralTerm
Writer = Callable[[Answers, BinaryIO], None]
File = tuple[str, Iterable[bytes]]
_OFF = frozenset({"", "no", "false", "off", "0"})


def is_on(options: Mapping[str, str], name: str) -> bool:
    """Tell whether an option is given and not switched off (``no``, ``false``, ``off``, ``0``)."""
    return options.get(name, "").lower() not in _OFF


@dataclass(frozen=True)
class Export:
    """One format that datasets can be written in.

    ``query`` names a file in ``queries/`` or a folder of them; ``scope`` says whether the export is of one dataset or of the
    several and of the whole store too, ``selects`` that it can be limited to some samples. ``also`` names the folders of queries
    that it asks beside its own; ``carried`` the CONSTRUCTs of those triples of a dataset that the export carries, if that is not the one
    called so in its own folder, ``left_out`` those of triples among them that it leaves out all the same. ``options`` maps the names of options to what they do. ``files`` yields the files (name and contents) of a
    format that consists of several, which ``write`` packs into one. ``needs`` names the libraries that the extra of the format's name
    brings. ``holds_files`` says that the files of the file store go into it, ``ontologies`` that its queries may ask the ontologies
    of the store, by ``GRAPH``.
    """

    name: str
    label: str
    query: str
    media_type: str
    suffix: str
    write: Writer
    scope: Literal["dataset", "any"] = "dataset"
    also: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    selects: bool = False
    profile: str = ""
    group: str = "Metadata"
    options: Mapping[str, str] = field(default_factory=dict)
    files: Callable[[Answers], Iterator[File]] | None = None
    needs: tuple[str, ...] = ()
    holds_files: bool = False
    ontologies: bool = False

    @property
    def carried_queries(self) -> tuple[str, ...]:
        """The names of the CONSTRUCTs of those triples of a dataset that the export carries."""
        return self.carried or (f"{self.query}/carried",)

    def check_options(self, options: Mapping[str, str]) -> None:
        """Raise UsageError if an option is given that the export does not have."""
        for name in options:
            if name not in self.options:
                known = ", ".join(sorted(self.options)) or "it has none"
                raise UsageError(
                    f"export {self.name} has no option {name!r}", hint=f"options: {known}"
                )


def exports() -> tuple[Export, ...]:
    """Return the table, in the order in which it is shown."""
    from fairgraph.exports import loss_report

    table = _carrying()
    return (*table, loss_report.export_of(table))


def installed() -> tuple[Export, ...]:
    """Return the exports of the table whose libraries are there."""
    return tuple(export for export in exports() if all(map(find_spec, export.needs)))


def _carrying() -> tuple[Export, ...]:
    """Every export but the report on the others."""
    from fairgraph.exports import (
        card,
        croissant,
        dcat,
        eln,
        fairtracks,
        isa_json,
        isa_tab,
        ml,
        ml_anndata,
        ml_package,
        ml_parquet,
        pennsieve,
        prov_n,
        prov_o,
        rdf,
        ro_crate,
        rows,
        run_crate,
        schema_org,
    )

    return (
        isa_json.EXPORT,
        isa_tab.EXPORT,
        fairtracks.EXPORT,
        *ml.EXPORTS,
        ml_package.EXPORT,
        ml_parquet.EXPORT,
        croissant.EXPORT,
        ml_anndata.EXPORT,
        prov_o.EXPORT,
        prov_n.EXPORT,
        eln.EXPORT,
        ro_crate.EXPORT,
        run_crate.EXPORT,
        *card.EXPORTS,
        *rdf.EXPORTS,
        pennsieve.EXPORT,
        dcat.EXPORT,
        schema_org.EXPORT,
        *rows.EXPORTS,
    )


def get(name: str) -> Export:
    """Return one export by name; raise NotFound, with the names there are, if it does not exist."""
    found = next((export for export in exports() if export.name == name), None)
    if found is None:
        names = ", ".join(export.name for export in exports())
        raise NotFound(f"there is no export format {name!r}", hint=f"formats: {names}")
    return found
