"""Conditions on nodes: what they are made of, and how SPARQL writes them.

A condition is true or false of a node, and never an error. It can be written as an expression, to be asked of each node, or, where it
is about what a node leads to, as a pattern, to be asked of all nodes at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pyoxigraph import NamedNode

from fairgraph.validation.paths import Inverse, Path, step


@dataclass(frozen=True)
class Atom:
    """A SPARQL expression that is true or false."""

    text: str


@dataclass(frozen=True)
class Not:
    """A condition that must not hold."""

    part: Condition


@dataclass(frozen=True)
class Every:
    """Conditions that all hold; without parts, true."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Some:
    """Conditions of which one holds; without parts, false."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Leads:
    """A step from *start* along *path* to a node, *goal*, of which *test* holds."""

    start: str
    path: Path
    goal: str
    test: Condition


Condition = Atom | Not | Every | Some | Leads
Test = Callable[[str], Condition]
"""Makes a condition on a node of the variable that it is bound to."""
TRUE, FALSE = Every(()), Some(())


def anything(node: str) -> Condition:
    """Return the condition that holds of every node."""
    return TRUE


def every(parts: Iterable[Condition]) -> Condition:
    """Return the condition that all of *parts* hold."""
    kept: dict[Condition, None] = {}
    for part in parts:
        kept.update(dict.fromkeys(part.parts if isinstance(part, Every) else (part,)))
    if FALSE in kept:
        return FALSE
    return next(iter(kept)) if len(kept) == 1 else Every(tuple(kept))


def some(parts: Iterable[Condition]) -> Condition:
    """Return the condition that one of *parts* holds."""
    kept: dict[Condition, None] = {}
    for part in parts:
        kept.update(dict.fromkeys(part.parts if isinstance(part, Some) else (part,)))
    if TRUE in kept:
        return TRUE
    return next(iter(kept)) if len(kept) == 1 else Some(tuple(kept))


def negated(condition: Condition) -> Condition:
    """Return the condition that *condition* does not hold."""
    if condition in (TRUE, FALSE):
        return FALSE if condition == TRUE else TRUE
    return condition.part if isinstance(condition, Not) else Not(condition)


def expression(condition: Condition) -> str:
    """Return a condition as a SPARQL expression, for one node after the other.

    Each step is an EXISTS within the one before: the engine knows then which end is bound. In one pattern it may begin at the wrong
    end, for every node anew.
    """
    if isinstance(condition, Atom):
        return condition.text
    if isinstance(condition, Not):
        return f"(!{expression(condition.part)})"
    if isinstance(condition, Every):
        return f"({' && '.join(map(expression, condition.parts))})" if condition.parts else "true"
    if isinstance(condition, Some):
        # Not ||, whose parts the engine tries in an order of its own: what is mostly true should come first.
        text = "false"
        for part in reversed(condition.parts):
            text = f"IF({expression(part)}, true, {text})"
        return text
    test = "" if condition.test == TRUE else f" FILTER {_bracketed(condition.test)}"
    return f"(EXISTS {{ {step(condition.start, condition.path, condition.goal)}{test} }})"


def _bracketed(condition: Condition) -> str:
    text = expression(condition)
    return text if text.startswith("(") and text.endswith(")") else f"({text})"


def filter_out(condition: Condition) -> str:
    """Return the FILTER that keeps what does not fulfil *condition*."""
    return f"FILTER {_bracketed(negated(condition))}"


def pattern(condition: Leads) -> str:
    """Return the pattern of all nodes that lead somewhere, for all of them at once."""
    written = [step(condition.start, condition.path, condition.goal)]
    tests = condition.test.parts if isinstance(condition.test, Every) else (condition.test,)
    written += [
        pattern(test) if isinstance(test, Leads) else f"FILTER {_bracketed(test)}" for test in tests
    ]
    return " ".join(written)


def walks(condition: Condition) -> bool:
    """Tell whether all steps of a condition are single ones, so that there are no more ways than statements."""
    if isinstance(condition, Leads):
        path = condition.path.path if isinstance(condition.path, Inverse) else condition.path
        return isinstance(path, NamedNode) and walks(condition.test)
    return all(walks(part) for part in condition.parts) if isinstance(condition, Every) else True


def is_far(condition: Leads) -> bool:
    """Tell whether a condition takes several steps, of which the last does not lead to a given node, such as a class."""
    tests = condition.test.parts if isinstance(condition.test, Every) else (condition.test,)
    return any(isinstance(test, Leads) and test.goal.startswith("?") for test in tests)


def walked(condition: Leads) -> str:
    """Return the pattern of all nodes that lead somewhere, to be joined by hash.

    Two steps are sub-queries, so that the engine walks over the statements of both once instead of looking one up for each of the
    other. Whether the last step leads to one node, such as a class, is looked up: it is mostly where the engine begins.
    """
    tests = condition.test.parts if isinstance(condition.test, Every) else (condition.test,)
    here = step(condition.start, condition.path, condition.goal)
    beyond: list[str] = []
    for test in tests:
        if not isinstance(test, Leads):
            here += f" FILTER {_bracketed(test)}"
        elif not test.goal.startswith("?") or re.search(
            rf"{re.escape(condition.start)}\b", pattern(test)
        ):
            here += f" {pattern(test)}"
        else:
            beyond.append(f"{{ SELECT DISTINCT {test.start} WHERE {{ {walked(test)} }} }}")
    if not beyond:
        return here
    return f"{{ SELECT DISTINCT {condition.start} {condition.goal} WHERE {{ {here} }} }} {' '.join(beyond)}"
