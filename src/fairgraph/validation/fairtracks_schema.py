"""The schemas of FAIRtracks as checks: a gate that says quickly whether a value is right, and a walk that says what is wrong.

Both heed the keywords of JSON Schema (draft 7) that the schemas use, and all that the standard adds to them, also behind ``$ref``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fairgraph.fairtracks import identifiers
from fairgraph.fairtracks.model import Json, escape
from fairgraph.report import Severity
from fairgraph.validation.fairtracks_terms import Terms

Gate = Callable[[Any], bool]

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "object": (dict,),
    "array": (list,),
    "boolean": (bool,),
    "number": (int, float),
}
_FORMATS = {
    "uri": re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`]*"),
    "idn-email": re.compile(r"[^@\s]+@[^@\s]+"),
}
_DATE_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_REMEMBERED = 100_000


@dataclass(frozen=True)
class Problem:
    """What breaks a schema: the rule, where (a JSON pointer), what is wrong, and the value."""

    severity: Severity
    rule: str
    where: str
    message: str
    value: str = ""


class Schemas:
    """The schemas of one edition, with what is known of ontologies."""

    def __init__(self, files: Mapping[str, Json], terms: Terms) -> None:
        self._files, self._terms = files, terms
        self._gates: dict[int, Gate] = {}
        self._patterns: dict[str, re.Pattern[str]] = {}

    # -- the gate ----------------------------------------------------------------------------------------------------

    def gate(self, schema: Json) -> Gate:
        """Return a function that says whether a value breaks nothing."""
        found = self._gates.get(id(schema))
        if found is None:
            found = self._gates[id(schema)] = self._compiled(schema)
        return found

    def _compiled(self, schema: Json) -> Gate:
        if "$ref" in schema:
            return _all([self.gate(self._target(schema)), *self._pair_gate(schema)])
        checks: list[Gate] = []
        kind = schema.get("type", "")
        if kind == "string":
            return self._text_gate(schema)
        if kind in _TYPES:
            checks.append(_type_gate(kind))
        if "const" in schema:
            checks.append(_const_gate(schema["const"]))
        if "required" in schema:
            checks.append(_required_gate(tuple(schema["required"])))
        if "properties" in schema:
            gates = {key: self.gate(inner) for key, inner in schema["properties"].items()}
            checks.append(_properties_gate(gates))
        if "items" in schema:
            checks.append(_items_gate(self.gate(schema["items"]), schema.get("minItems", 0)))
        checks += self._combined(schema)
        return _all([*checks, *self._pair_gate(schema)])

    def _combined(self, schema: Json) -> Iterator[Gate]:
        for inner in schema.get("allOf", ()):
            yield self.gate(inner)
        if "anyOf" in schema:
            gates = [self.gate(inner) for inner in schema["anyOf"]]
            yield lambda value: any(gate(value) for gate in gates)
        if "if" in schema and "then" in schema:
            condition, then = self.gate(schema["if"]), self.gate(schema["then"])
            yield lambda value: not condition(value) or then(value)

    def _text_gate(self, schema: Json) -> Gate:
        if not {"pattern", "format", "enum", "const", "namespace", "ontology"} & schema.keys():
            return lambda value: value.__class__ is str
        known: dict[str, bool] = {}

        def check(value: Any) -> bool:
            if value.__class__ is not str:
                return False
            found = known.get(value)
            if found is None:
                found = next(self._text_problems(schema, value, "", ""), None) is None
                if len(known) < _REMEMBERED:
                    known[value] = found
            return found

        def plain(value: Any) -> bool:
            return value.__class__ is str and pattern.match(value) is not None

        if schema.get("format") == "uri" and "pattern" in schema and "ontology" not in schema and "const" not in schema:  # fmt: skip
            # Addresses of files: as many as there are tracks, and each once.
            pattern = re.compile(f"(?={_bare(schema['pattern'])}){_FORMATS['uri'].pattern}\\Z")
            return plain
        return check

    def _pair_gate(self, schema: Json) -> Iterator[Gate]:
        if "ontologyTermPair" not in schema:
            return
        known: dict[tuple[Any, Any], bool] = {}

        def check(value: Any) -> bool:
            if value.__class__ is not dict:
                return True
            key = value.get("term_id"), value.get("term_label")
            if key[0].__class__ is not str or key[1].__class__ is not str:
                return True
            found = known.get(key)
            if found is None:
                found = known[key] = next(self._pair_problems(schema, value, ""), None) is None
            return found

        yield check

    # -- the walk ----------------------------------------------------------------------------------------------------

    def problems(self, schema: Json, value: Any, where: str, context: str = "") -> Iterator[Problem]:  # fmt: skip
        """Yield what breaks a schema, in the order of the schema. *context* is ``then`` or ``any`` inside of a combination."""
        if "$ref" in schema:
            yield from self.problems(self._target(schema), value, where, context)
            yield from self._pair_problems(schema, value, where)
            return
        kind = schema.get("type", "")
        if kind in _TYPES and not _type_gate(kind)(value):
            yield _problem("type", where, f"is no {kind}", value)
            return
        if isinstance(value, str):
            yield from self._text_problems(schema, value, where, context)
        elif "const" in schema and value != schema["const"]:
            yield _problem("const", where, f"is not {schema['const']!r}", value)
        if isinstance(value, dict):
            yield from self._object_problems(schema, value, where, context)
        if isinstance(value, list):
            yield from self._list_problems(schema, value, where, context)
        yield from self._combined_problems(schema, value, where)
        yield from self._pair_problems(schema, value, where)

    def _object_problems(self, schema: Json, value: Json, where: str, context: str) -> Iterator[Problem]:  # fmt: skip
        for key in schema.get("required", ()):
            if key not in value:
                rule = "require-if" if context else "required"
                why = ", which what else it says makes necessary" if context else ""
                yield Problem("violation", f"fairtracks-{rule}", where, f"has no {key!r}{why}")
        for key, inner in schema.get("properties", {}).items():
            if key in value:
                yield from self.problems(inner, value[key], f"{where}/{escape(key)}", context)

    def _list_problems(self, schema: Json, value: list[Any], where: str, context: str) -> Iterator[Problem]:  # fmt: skip
        if len(value) < (least := schema.get("minItems", 0)):
            message = f"has {len(value)} members; it must have {least} at least"
            yield Problem("violation", "fairtracks-min-items", where, message)
        if "items" in schema:
            gate = self.gate(schema["items"])
            for n, member in enumerate(value):
                if not gate(member):
                    yield from self.problems(schema["items"], member, f"{where}/{n}", context)

    def _combined_problems(self, schema: Json, value: Any, where: str) -> Iterator[Problem]:
        for inner in schema.get("allOf", ()):
            if not self.gate(inner)(value):
                yield from self.problems(inner, value, where)
        if "anyOf" in schema and not any(self.gate(inner)(value) for inner in schema["anyOf"]):
            keys = [key for inner in schema["anyOf"] for key in inner.get("required", ())]
            yield _problem("require-any-of", where, f"has none of {', '.join(map(repr, keys))}")
        if "if" in schema and "then" in schema and self.gate(schema["if"])(value):
            yield from self.problems(schema["then"], value, where, "then")

    def _text_problems(self, schema: Json, text: str, where: str, context: str) -> Iterator[Problem]:  # fmt: skip
        if "const" in schema and text != schema["const"]:
            rule = "const-if" if context else "const"
            yield _problem(rule, where, f"is not {schema['const']}", text)
        if "enum" in schema and text not in schema["enum"]:
            shown = ", ".join(schema["enum"])
            yield _problem("enum", where, f"is none of: {shown}", text)
        if "pattern" in schema and not self._matches(schema["pattern"], text):
            yield _problem("pattern", where, f"does not match {schema['pattern']}", text)
        if not _has_format(schema.get("format", ""), text):
            yield _problem("format", where, f"is no {schema['format']}", text)
        yield from self._added_problems(schema, text, where)

    def _added_problems(self, schema: Json, text: str, where: str) -> Iterator[Problem]:
        is_curie = schema.get("format") == "curie"
        if is_curie or "namespace" in schema:
            namespaces = schema.get("namespace", [])
            namespaces = [namespaces] if isinstance(namespaces, str) else namespaces
            found = identifiers.problem(text, namespaces)
            if found is not None:
                # With one of the keywords alone the official validator looks at neither.
                severity: Severity = "violation" if is_curie and namespaces else "warning"
                rule = (
                    "fairtracks-match-type" if found[0] == "matchType" else "fairtracks-namespace"
                )
                yield Problem(severity, rule, where, found[1], text)
        if "ontology" in schema:
            fault = self._terms.fault(text, schema)
            if fault is not None:
                yield _problem(fault.keyword, where, fault.message, text)

    def _pair_problems(self, schema: Json, value: Any, where: str) -> Iterator[Problem]:
        if "ontologyTermPair" not in schema or not isinstance(value, dict):
            return
        about = self._target(schema) if "$ref" in schema else schema
        term, label = value.get("term_id"), value.get("term_label")
        if isinstance(term, str) and isinstance(label, str):
            found = self._terms.label_fault(term, label, about["properties"]["term_id"])
            if found is not None:
                severity: Severity = "info" if found[0] == "info" else "warning"
                yield Problem(severity, "fairtracks-ontology-term-pair", f"{where}/term_label", found[1], label)  # fmt: skip

    def _target(self, schema: Json) -> Json:
        return self._files[schema["$ref"].rpartition("/")[2]]

    def _matches(self, pattern: str, text: str) -> bool:
        found = self._patterns.get(pattern)
        if found is None:
            found = self._patterns[pattern] = re.compile(pattern)
        return found.search(text) is not None


def _problem(keyword: str, where: str, message: str, value: Any = "") -> Problem:
    shown = value if isinstance(value, str) else ""
    return Problem("violation", f"fairtracks-{keyword}", where, message, shown)


def _has_format(name: str, text: str) -> bool:
    if name == "date-time":
        if _DATE_TIME.fullmatch(text) is None:
            return False
        try:
            datetime.fromisoformat(text.upper().replace("Z", "+00:00"))
        except ValueError:
            return False
        return True
    pattern = _FORMATS.get(name)
    return pattern is None or pattern.fullmatch(text) is not None


def _bare(pattern: str) -> str:
    """Return a pattern that is anchored at the beginning, without the anchor; one that is not may match anywhere."""
    return pattern.removeprefix("^") if pattern.startswith("^") else f".*(?:{pattern})"


def _const_gate(const: Any) -> Gate:
    return lambda value: bool(value == const)


def _type_gate(kind: str) -> Gate:
    types = _TYPES[kind]
    if kind == "number":
        return lambda value: isinstance(value, types) and value.__class__ is not bool
    wanted = types[0]
    return lambda value: value.__class__ is wanted


def _required_gate(keys: tuple[str, ...]) -> Gate:
    wanted = frozenset(keys)
    return lambda value: value.__class__ is not dict or wanted <= value.keys()


def _properties_gate(gates: Mapping[str, Gate]) -> Gate:
    def check(value: Any) -> bool:
        if value.__class__ is not dict:
            return True
        for key, inner in value.items():
            gate = gates.get(key)
            if gate is not None and not gate(inner):
                return False
        return True

    return check


def _items_gate(gate: Gate, least: int) -> Gate:
    def check(value: Any) -> bool:
        return value.__class__ is not list or (len(value) >= least and all(map(gate, value)))

    return check


def _all(checks: list[Gate]) -> Gate:
    if len(checks) == 1:
        return checks[0]

    def check(value: Any) -> bool:
        for one in checks:  # noqa: SIM110 - twice as fast as all() of a generator
            if not one(value):
                return False
        return True

    return check
