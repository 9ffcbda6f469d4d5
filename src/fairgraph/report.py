"""Findings and reports: one type, whoever found it (an importer, a SHACL engine, a query)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Severity = Literal["violation", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("violation", "warning", "info")


@dataclass(frozen=True)
class Finding:
    """One thing that somebody should know about a dataset.

    ``rule`` is the name of the rule or shape, ``code`` the number isatools uses for it (or ``""``), ``content_rule`` the number
    of the content rule of the ISA specification 1.0 that is broken (1 to 30, else 0), ``where`` a place in the source
    (``file:line:column`` or a JSON pointer), ``focus`` and ``path`` IRIs. ``count`` says how often it was found; ``where`` is
    then the first place.
    """

    severity: Severity
    rule: str
    message: str
    code: str = ""
    where: str = ""
    focus: str = ""
    path: str = ""
    value: str = ""
    count: int = 1
    content_rule: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as a JSON object, without what is empty (severity, rule, code, message, where stay)."""
        kept: dict[str, Any] = {
            "severity": self.severity,
            "rule": self.rule,
            "code": self.code,
            "message": self.message,
            "where": self.where,
        }
        for name in ("content_rule", "focus", "path", "value"):
            if getattr(self, name):
                kept[name] = getattr(self, name)
        if self.count > 1:
            kept["count"] = self.count
        return kept


@dataclass
class Report:
    """An ordered collection of findings.

    Findings of one rule and message are counted, not repeated: the first place is kept.
    """

    _findings: dict[tuple[str, str, str], Finding] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        """Add a finding, or count it if the same rule said the same about the same node before."""
        key = (finding.rule, finding.message, finding.focus)
        known = self._findings.get(key)
        self._findings[key] = (
            replace(known, count=known.count + finding.count) if known else finding
        )

    def extend(self, findings: Iterable[Finding]) -> None:
        """Add several findings."""
        for finding in findings:
            self.add(finding)

    def merge(self, other: Report) -> None:
        """Take over the findings of a check that looked closer: where both know a rule, those of *other* stay."""
        rules = {finding.rule for finding in other}
        self._findings = {
            key: finding for key, finding in self._findings.items() if finding.rule not in rules
        }
        self.extend(other)

    def __iter__(self) -> Iterator[Finding]:
        """Yield the findings, violations first, in the order in which they were found."""
        order = {severity: n for n, severity in enumerate(SEVERITIES)}
        return iter(sorted(self._findings.values(), key=lambda finding: order[finding.severity]))

    def __len__(self) -> int:
        return len(self._findings)

    @property
    def conforms(self) -> bool:
        """True if there is no violation; warnings and infos do not count (SHACL §3.6.1.1 with a threshold)."""
        return all(finding.severity != "violation" for finding in self._findings.values())

    @property
    def counts(self) -> dict[str, int]:
        """The number of findings of each severity, repetitions included."""
        counts: dict[str, int] = dict.fromkeys(SEVERITIES, 0)
        for finding in self._findings.values():
            counts[finding.severity] += finding.count
        return counts

    def as_dict(self) -> dict[str, Any]:
        """Return ``{"conforms", "findings", "counts"}``, ready for JSON."""
        return {
            "conforms": self.conforms,
            "findings": [finding.as_dict() for finding in self],
            "counts": self.counts,
        }
