"""Every error that fairgraph raises on purpose.

    FairgraphError                 message says what, where and what to do
    ├── UsageError                 the call itself is wrong               exit 2, HTTP 400
    │   └── QueryError             refused or unparsable SPARQL
    ├── SourceError                bad input: file:line:column, pointer   exit 3, HTTP 422
    │   └── UnknownFormat          no importer recognises the input
    ├── InvalidDataset             refused by --strict, carries a report  exit 1, HTTP 422
    ├── NotFound                   dataset, revision, query, export, IRI  exit 4, HTTP 404
    └── StoreError                 the store cannot be used               exit 5, HTTP 503
        └── StoreLocked            another process is writing

Errors of the libraries below (pyoxigraph, zipfile, json, ...) never leave the module that calls them.
"""

from __future__ import annotations

from typing import Any


class FairgraphError(Exception):
    """Something that the user can be told in one sentence.

    ``where`` is a place in the input (``file:line:column``, JSON pointer or IRI), ``hint`` says what to do.
    """

    code = "error"
    exit_code = 3
    http_status = 500

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message, self.where, self.hint = message, where, hint

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.message}{advice}"

    def as_dict(self) -> dict[str, Any]:
        """Return the error as the JSON object that the command line and the web print."""
        message = f"{self.where}: {self.message}" if self.where else self.message
        return {"code": self.code, "message": message, "hint": self.hint}


class UsageError(FairgraphError):
    """The call itself is wrong: an unknown option, a missing parameter, a bad value."""

    code, exit_code, http_status = "usage", 2, 400


class QueryError(UsageError):
    """A query or update that is refused or cannot be parsed."""

    code = "query"


class SourceError(FairgraphError):
    """Input that cannot be read as what it claims to be; where that breaks a rule, it carries a report."""

    code, exit_code, http_status = "source", 3, 422

    def __init__(
        self, message: str, *, where: str = "", hint: str = "", report: Any = None
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.report = report


class UnknownFormat(SourceError):  # noqa: N818 - reads as a noun wherever it is raised
    """No importer recognises the input."""

    code = "unknown-format"


class InvalidDataset(FairgraphError):  # noqa: N818
    """A dataset that was refused because it must conform (``--strict``); carries its report."""

    code, exit_code, http_status = "invalid", 1, 422

    def __init__(self, message: str, report: Any, *, where: str = "", hint: str = "") -> None:
        super().__init__(message, where=where, hint=hint)
        self.report = report


class NotFound(FairgraphError):  # noqa: N818
    """A dataset, revision, query, export or IRI that is not there (or that the caller may not see)."""

    code, exit_code, http_status = "not-found", 4, 404


class StoreError(FairgraphError):
    """The store cannot be opened, read or written."""

    code, exit_code, http_status = "store", 5, 503


class StoreLocked(StoreError):  # noqa: N818
    """Another process is writing to the store."""

    code = "store-locked"
