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
        printf "%s\t%s\n" "$(basename "$file" .fastq.gz)" \
          "$(zcat "$file" | awk 'NR % 4 == 2 && length($0) >= $(inputs.minimum_length)' | wc -l)"
      done
