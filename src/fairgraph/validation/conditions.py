"""What a shape demands of a node, as a condition that is true or false and never an error."""

from __future__ import annotations

from collections.abc import Sequence as Several
from functools import cache

from pyoxigraph import NamedNode, Store

from fairgraph.terms import PREFIXES, SH, XSD
from fairgraph.validation.constraints import Constraint, ConstraintShape, is_blank
from fairgraph.validation.expressions import (
    FALSE,
    TRUE,
    Atom,
    Condition,
    Leads,
    Not,
    Test,
    anything,
    every,
    expression,
    negated,
    some,
)
from fairgraph.validation.paths import (
    Alternative,
    Inverse,
    Node,
    Path,
    Repeated,
    Sequence,
    Unsupported,
    reversed_path,
    step,
)

TYPE = NamedNode(PREFIXES["rdf"] + "type")
SUBCLASS = NamedNode(PREFIXES["rdfs"] + "subClassOf")
# More values than this are not told apart pair by pair within a condition.
MOST_DISTINCT = 4
# Constraints that judge each value node by itself; the others judge all values of a focus node together.
OF_VALUES = {
    *("class", "datatype", "nodeKind", "pattern", "minLength", "maxLength", "languageIn", "in"),
    *("minExclusive", "minInclusive", "maxExclusive", "maxInclusive"),
    *("not", "and", "or", "xone", "node", "property", "disjoint"),
}
_COMPARISONS = {
    "minExclusive": ">",
    "minInclusive": ">=",
    "maxExclusive": "<",
    "maxInclusive": "<=",
    "lessThan": "<",
    "lessThanOrEquals": "<=",
}
_KINDS = {
    SH.IRI: "isIRI({0})",
    SH.BlankNode: "isBlank({0})",
    SH.Literal: "isLiteral({0})",
    SH.BlankNodeOrIRI: "!isLiteral({0})",
    SH.BlankNodeOrLiteral: "!isIRI({0})",
    SH.IRIOrLiteral: "!isBlank({0})",
}
# The lexical forms of XML Schema 1.1 part 2 that are matched; casts of the engine stop at 64 bits.
_FORMS = {
    "boolean": "^(true|false|0|1)$",
    "integer": "^[+-]?[0-9]+$",
    "decimal": "^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)$",
    "double": "^([+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN)$",
    "float": "^([+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN)$",
}
_CASTS = {
    *("date", "time", "dateTime", "gYear", "gMonth", "gDay", "gYearMonth", "gMonthDay"),
    *("duration", "yearMonthDuration", "dayTimeDuration"),
}
# The engine stores literals of these types as xsd:integer or xsd:dateTime, so their type cannot be asked for any more.
_FOLDED = {
    *("byte", "short", "int", "long", "dateTimeStamp"),
    *("unsignedByte", "unsignedShort", "unsignedInt", "unsignedLong"),
    *("positiveInteger", "nonNegativeInteger", "negativeInteger", "nonPositiveInteger"),
}


class Conditions:
    """Writes conditions; ``divided`` are the classes that have subclasses in the data, for which these are looked at."""

    def __init__(self, divided: frozenset[str] = frozenset()) -> None:
        self._divided = divided
        self._count = 0

    def variable(self) -> str:
        """Return a variable that was not used before."""
        self._count += 1
        return f"?v{self._count}"

    # -- shapes --------------------------------------------------------------------------------------------------------

    def conforms(self, shape: ConstraintShape, node: str) -> Condition:
        """Return the condition that *node* conforms to *shape*, whatever its targets."""
        of_values = [c for c in shape.constraints if c.name in OF_VALUES]
        parts = [self.of_focus(c, shape, node) for c in shape.constraints if c not in of_values]
        if of_values:
            parts.append(self.each_value(of_values, shape, node))
        return every(parts)

    def each_value(
        self, constraints: Several[Constraint], shape: ConstraintShape, node: str
    ) -> Condition:
        """Return the condition that every value node of *node* satisfies *constraints*."""
        if shape.path is None:
            return every([self.of_value(c, node, node) for c in constraints])

        def breaks(value: str) -> Condition:
            return negated(every([self.of_value(c, node, value) for c in constraints]))

        return negated(self.leads(node, shape.path, breaks))

    def leads(self, start: str, path: Path, test: Test = anything, end: str = "") -> Condition:
        """Return the condition that *path* leads from *start* to a node that passes *test* (or to *end*)."""
        if isinstance(path, Alternative):
            return some([self.leads(start, part, test, end) for part in path.parts])
        if isinstance(path, Inverse) and not isinstance(path.path, NamedNode | Repeated):
            return self.leads(start, reversed_path(path.path), test, end)
        if isinstance(path, Sequence):
            if not path.parts:
                raise Unsupported("an empty path")
            first, rest = path.parts[0], path.parts[1:]
            if rest:
                return self.leads(start, first, lambda n: self.leads(n, Sequence(rest), test, end))
            return self.leads(start, first, test, end)
        goal = end or self.variable()
        passed = test(goal)
        return FALSE if passed == FALSE else Leads(start, path, goal, passed)

    # -- constraints on single values ----------------------------------------------------------------------------------

    def of_value(self, constraint: Constraint, focus: str, value: str) -> Condition:
        """Return the condition that one value node satisfies a constraint that judges values one by one."""
        name, terms = constraint.name, constraint.terms
        if name == "class":
            return self.instance(value, terms[0])
        if name == "datatype":
            return _datatype(value, terms[0])
        if name == "nodeKind":
            if terms[0].value not in _KINDS:
                raise Unsupported(f"node kind {terms[0].value}")
            return Atom(_KINDS[terms[0].value].format(value))
        if name in _COMPARISONS:
            return Atom(f"COALESCE({value} {_COMPARISONS[name]} {term(terms[0])}, false)")
        if name in ("minLength", "maxLength"):
            sign = ">=" if name == "minLength" else "<="
            # A blank node has no text, which is an error.
            return Atom(f"COALESCE(STRLEN(STR({value})) {sign} {constraint.number}, false)")
        if name == "pattern":
            return _pattern(value, terms)
        if name == "languageIn":
            ranges = [Atom(f"langMatches(LANG({value}), {term(tag)})") for tag in terms]
            return every([Atom(f"isLiteral({value})"), some(ranges)])
        if name == "in":
            return some([Atom(f"sameTerm({value}, {term(member)})") for member in terms])
        if name == "disjoint":
            return none(step(focus, predicate(terms[0]), value))
        return self._logical(constraint, value)

    def _logical(self, constraint: Constraint, value: str) -> Condition:
        parts = [self.conforms(shape, value) for shape in constraint.shapes]
        if constraint.name == "not":
            return negated(parts[0])
        if constraint.name == "or":
            return some(parts)
        if constraint.name == "xone":
            ones = " + ".join(f"IF({expression(part)}, 1, 0)" for part in parts)
            return Atom(f"({ones or '0'} = 1)")
        return every(parts)

    def instance(self, node: str, wanted: Node) -> Condition:
        """Return the condition that *node* is a SHACL instance of a class (SHACL §2.1.3.2)."""
        return self.leads(node, self.type_path(wanted), end=term(wanted))

    def type_path(self, wanted: Node) -> Path:
        """Return the path from an instance to its class."""
        if wanted.value in self._divided:
            return Sequence((TYPE, Repeated(SUBCLASS, "*")))
        return TYPE

    # -- constraints on all values of a focus node ---------------------------------------------------------------------

    def of_focus(self, constraint: Constraint, shape: ConstraintShape, focus: str) -> Condition:
        """Return the condition that a focus node satisfies a constraint that judges its values together."""
        name, path = constraint.name, shape.path
        if name == "hasValue":
            wanted = term(constraint.terms[0])
            if path is None:
                return Atom(f"sameTerm({focus}, {wanted})")
            return self.leads(focus, path, end=wanted)
        if name == "closed":
            if path is not None:
                raise Unsupported("sh:closed in a property shape")
            used, value = self.variable(), self.variable()
            return none(f"{focus} {used} {value} . {self.not_allowed(constraint, used)}")
        if name == "equals":
            return every([none(pattern) for pattern, _ in self.unequal(constraint, shape, focus)])
        if path is None:
            raise Unsupported(f"sh:{name} in a node shape")
        if name in ("minCount", "qualifiedMinCount"):
            return self._at_least(constraint.number, constraint, path, focus)
        if name in ("maxCount", "qualifiedMaxCount"):
            more = self._at_least(constraint.number + 1, constraint, path, focus)
            return negated(more)
        if name == "uniqueLang":
            return none(self.same_language(path, focus, self.variable()))
        if name in ("lessThan", "lessThanOrEquals"):
            return none(self.not_less(constraint, path, focus, self.variable(), self.variable()))
        raise Unsupported(f"sh:{name} within another shape")

    def _at_least(self, number: int, constraint: Constraint, path: Path, focus: str) -> Condition:
        if number <= 0:
            return TRUE
        if number > MOST_DISTINCT:
            raise Unsupported(f"a count of {number} values within another shape")

        def another(known: tuple[str, ...]) -> Test:
            def test(value: str) -> Condition:
                parts: list[Condition] = [
                    Not(Atom(f"sameTerm({value}, {other})")) for other in known
                ]
                parts.append(self.counts(constraint, value))
                if len(known) + 1 < number:
                    parts.append(self.leads(focus, path, another((*known, value))))
                return every(parts)

            return test

        return self.leads(focus, path, another(()))

    def counts(self, constraint: Constraint, value: str) -> Condition:
        """Return the condition that a value counts: any does, unless a qualified shape says which."""
        parts = [self.conforms(shape, value) for shape in constraint.shapes]
        parts += [negated(self.conforms(other, value)) for other in constraint.disjoint_from]
        return every(parts)

    def not_allowed(self, constraint: Constraint, used: str) -> str:
        """Return the filter for predicates that a closed shape does not allow."""
        allowed = ", ".join(dict.fromkeys(str(node) for node in constraint.terms))
        return f"FILTER ({used} NOT IN ({allowed}))"

    def unequal(
        self, constraint: Constraint, shape: ConstraintShape, focus: str
    ) -> list[tuple[str, str]]:
        """Return two patterns: values that the property of ``sh:equals`` lacks, values that only it has; with the variable."""
        other = predicate(constraint.terms[0])
        value = self.variable()
        if shape.path is None:
            return [
                (f"FILTER {expression(none(step(focus, other, focus)))}", focus),
                (f"{step(focus, other, value)} FILTER (!sameTerm({focus}, {value}))", value),
            ]
        return [
            (
                f"{step(focus, here, value)} FILTER {expression(none(step(focus, there, value)))}",
                value,
            )
            for here, there in ((shape.path, other), (other, shape.path))
        ]

    def same_language(self, path: Path, focus: str, language: str) -> str:
        """Return the pattern of two values with one language tag."""
        a, b = self.variable(), self.variable()
        return (
            f"{step(focus, path, a)} {step(focus, path, b)}"
            f" FILTER (!sameTerm({a}, {b}) && LANG({a}) != '' && LCASE(LANG({a})) = LCASE(LANG({b})))"
            f" BIND (LCASE(LANG({a})) AS {language})"
        )

    def not_less(
        self, constraint: Constraint, path: Path, focus: str, value: str, other: str
    ) -> str:
        """Return the pattern of a value that is not less than one of another property."""
        holds = f"COALESCE({value} {_COMPARISONS[constraint.name]} {other}, false)"
        return (
            f"{step(focus, path, value)} {step(focus, predicate(constraint.terms[0]), other)}"
            f" FILTER (!{holds})"
        )


def none(pattern: str) -> Atom:
    """Return the condition that *pattern* does not match."""
    return Atom(f"(NOT EXISTS {{ {pattern} }})")


def term(node: Node) -> str:
    """Return a term as SPARQL writes it; a blank node cannot be written."""
    if is_blank(node):
        raise Unsupported("a blank node as a value")
    return str(node)


def predicate(node: Node) -> NamedNode:
    """Return *node* as a predicate."""
    if not isinstance(node, NamedNode):
        raise Unsupported(f"{node} where a property is due")
    return node


def _datatype(value: str, node: Node) -> Condition:
    wanted = term(node)
    name = node.value.removeprefix(XSD.iri) if node.value.startswith(XSD.iri) else ""
    if name in _FOLDED:
        raise Unsupported(f"xsd:{name}, which the store does not keep apart")
    parts = [Atom(f"isLiteral({value})"), Atom(f"DATATYPE({value}) = {wanted}")]
    if name in _FORMS:
        parts.append(Atom(f'REGEX(STR({value}), "{_FORMS[name]}")'))
    elif name in _CASTS:
        parts.append(Atom(f"COALESCE(DATATYPE({wanted}(STR({value}))) = {wanted}, false)"))
    return every(parts)


def _pattern(value: str, terms: Several[Node]) -> Condition:
    arguments = ", ".join(str(node) for node in terms)
    if not _is_regular_expression(arguments):
        raise Unsupported(f"the pattern {arguments}")
    return Atom(f"COALESCE(REGEX(STR({value}), {arguments}), false)")


@cache
def _is_regular_expression(arguments: str) -> bool:
    """Ask the engine, which has its own idea of regular expressions, on a scratch pad."""
    (row,) = Store().query(f'SELECT (REGEX("", {arguments}) AS ?matches) {{}}')  # type: ignore[misc]
    return row[0] is not None
