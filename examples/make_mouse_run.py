"""Writes examples/mouse-circadian-run: an analysis run on the raw files of examples/mouse-circadian, the same bytes every time.

    python examples/make_mouse_run.py [FOLDER]

The reads are made up and few. What the workflow would count is counted here; the run is recorded and exported by fairgraph.
"""

import struct
import sys
import tempfile
import zlib
from pathlib import Path

import fairgraph

EXAMPLES = Path(__file__).parent
SAMPLES = [f"LD12_ZT{zt:02}_liver" for zt in range(0, 24, 4)]
MINIMUM = 60
WORKFLOW = """\
cwlVersion: v1.2
class: CommandLineTool
label: Count reads
doc: Counts the reads of each sample that are long enough.
requirements:
  ShellCommandRequirement: {}
hints:
  DockerRequirement:
    dockerPull: docker.io/library/busybox:1.36.1
inputs:
  reads:
    type: File[]
    doc: Reads of one sample each, as FASTQ
  minimum_length:
    type: int
    default: 50
    doc: Shorter reads do not count
outputs:
  counts:
    type: stdout
    doc: Sample and number of reads
stdout: read_counts.tsv
arguments:
  - shellQuote: false
    valueFrom: |
      for file in $(inputs.reads.map(function (one) { return one.path; }).join(" ")); do
        printf "%s\\t%s\\n" "$(basename "$file" .fastq.gz)" \\
          "$(zcat "$file" | awk 'NR % 4 == 2 && length($0) >= $(inputs.minimum_length)' | wc -l)"
      done
"""
PARAMETERS = f'{{"minimum_length": {MINIMUM}}}\n'


def reads(sample):
    """The reads of a sample: bases by a linear congruential generator that begins with the name."""
    state = zlib.crc32(sample.encode())
    for n in range(1, 9 + state % 5):
        bases = ""
        for _ in range(50 + (state >> 16) % 40):
            state = (state * 1664525 + 1013904223) % 2**32
            bases += "ACGT"[state >> 30]
        yield f"{sample}.{n}", bases


def gzipped(text):
    """A gzip file (RFC 1952) of one stored block: compressors differ, and so would the bytes."""
    data = text.encode()
    assert len(data) < 2**16
    block = b"\x01" + struct.pack("<HH", len(data), len(data) ^ 0xFFFF) + data
    tail = struct.pack("<II", zlib.crc32(data), len(data))
    return b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + block + tail


def main(folder):
    """Write the crate of the run into a folder."""
    with tempfile.TemporaryDirectory() as temporary, fairgraph.open("memory:") as fg:
        made = Path(temporary)
        files = {"count-reads.cwl": WORKFLOW.encode(), "parameters.json": PARAMETERS.encode()}
        counts = ""
        for sample in SAMPLES:
            found = list(reads(sample))
            text = "".join(f"@{name}\n{bases}\n+\n{'I' * len(bases)}\n" for name, bases in found)
            files[f"reads/{sample}.fastq.gz"] = gzipped(text)
            counts += f"{sample}\t{sum(len(bases) >= MINIMUM for _, bases in found)}\n"
        files["results/read_counts.tsv"] = counts.encode()
        for name, content in files.items():
            (made / name).parent.mkdir(exist_ok=True)
            (made / name).write_bytes(content)
        run = fairgraph.Run(
            made / "count-reads.cwl",
            made / "results",
            tuple(made / f"reads/{sample}.fastq.gz" for sample in SAMPLES),
            made / "parameters.json",
            title="Read counts of livers over a day",
            agent="Tomás Oyelaran 0000-0000-0000-0028",
            start="2024-12-02T09:12:44+01:00",
            end="2024-12-02T09:13:05+01:00",
            license="CC-BY-4.0",
        )
        fg.add(EXAMPLES / "mouse-circadian")
        added = fg.record_run(run, of="mouse-circadian")
        fg.export("run-crate", added.dataset).to_folder(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else EXAMPLES / "mouse-circadian-run")
