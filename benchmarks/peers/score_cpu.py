"""``score_cpu.py STORE fair|ai-ready``: one score of the first dataset; the CPU seconds of that on the last line."""

from __future__ import annotations

import sys

from matrix_common import seconds

import fairgraph
from fairgraph.answers import Subject
from fairgraph.exports import scored
from fairgraph.exports.scored import DatasetFacts
from fairgraph.scores.score import AI_READY, FAIR, judge

with fairgraph.open(sys.argv[1], create=False) as fg:
    dataset = fg.dataset(1)
    subject = Subject((dataset.node,), dataset.slug, fg.store.base)
    with fg._exported(scored.EXPORT, subject, [dataset], {}).answers() as answers:
        facts = DatasetFacts(answers)
        began = seconds()
        fair = judge(FAIR, facts)
        if sys.argv[2] == "ai-ready":
            began = seconds()
            facts.fair = fair.exact
            judge(AI_READY, facts)
        print(seconds() - began)
