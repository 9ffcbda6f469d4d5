"""Write the example dataset ``mouse-circadian``, an ISA-Tab investigation of our own invention.

Two studies, 42 samples.  The light study samples liver and suprachiasmatic nucleus (SCN) of mice
around the clock under two light regimes; one SCN sample is pooled from three mice.  The feeding
study takes liver and plasma of each mouse under three feeding regimes.  RNA is sequenced in both,
plasma corticosterone is measured by LC-MS/MS.  Terms are real; people, numbers and accessions are
not.  The output is the same, byte for byte, on every run::

    python examples/make_mouse_circadian.py [FOLDER]
"""

import sys
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path

# Every ontology term of the dataset, found by the text that stands in the cell.
TERMS = """
UO: gram=0000021; milligram=0000022; nanogram=0000024; degree Celsius=0000027; hour=0000032; week=0000034; microliter=0000101; base pair=0000244; nanogram per milliliter=0000275
NCBITaxon: Mus musculus=10090
UBERON: blood plasma=0001969; suprachiasmatic nucleus=0002034; liver=0002107
CHEBI: corticosterone=16827; ribonucleic acid=33697
PATO: time=0000165; female=0000383; male=0000384
EFO: published=0001796; diet=0002755
IAO: software=0000010
MS: electrospray ionization=1000073; quadrupole=1000081; TSQ Vantage=1001510
OBI: mass spectrometer=0000049; principal investigator role=0000103; intervention design=0000115; sub-investigator role=0000224; metabolite profiling=0000366; transcription profiling=0000424; mass spectrometry=0000470; nucleic acid sequencing=0000626; nucleotide sequencing=0000626; sample collection=0000659; library construction=0000711; specimen collector role=0001769; Illumina NovaSeq 6000=0002630; data transformation=0200000; sequence analysis data transformation=0200187; extraction=0302884; DNA sequencer=0400103; centrifuge=0400106; factorial design=0500014; time series design=0500020; nucleic acid extraction=0666667
"""
ACCESSIONS = {
    label: (source, number)
    for source, _, terms in (line.partition(": ") for line in TERMS.strip().splitlines())
    for label, number in (pair.split("=") for pair in terms.split("; "))
}

# The labels of each section; "@" stands for its first word, "*" for the two lines of a term.
LABELS = """
ONTOLOGY SOURCE REFERENCE|Term Source Name|Term Source File|Term Source Version|Term Source Description
INVESTIGATION|@ Identifier|@ Title|@ Description|@ Submission Date|@ Public Release Date|Comment[License]
PUBLICATIONS|@ PubMed ID|@ Publication DOI|@ Publication Author List|@ Publication Title|@ Publication Status*
CONTACTS|@ Person Last Name|@ Person First Name|@ Person Mid Initials|@ Person Email|@ Person Phone|@ Person Fax|@ Person Address|@ Person Affiliation|@ Person Roles*|Comment[@ Person ORCID]
STUDY|@ Identifier|@ Title|@ Description|@ Submission Date|@ Public Release Date|@ File Name|Comment[Study Grant Number]
STUDY DESIGN DESCRIPTORS|@ Design Type*
STUDY FACTORS|@ Factor Name|@ Factor Type*
STUDY ASSAYS|@ Assay File Name|@ Assay Measurement Type*|@ Assay Technology Type*|@ Assay Technology Platform
STUDY PROTOCOLS|@ Protocol Name|@ Protocol Type*|@ Protocol Description|@ Protocol URI|@ Protocol Version|@ Protocol Parameters Name*|@ Protocol Components Name|@ Protocol Components Type*
"""
SECTIONS = {line.partition("|")[0]: line.split("|")[1:] for line in LABELS.strip().splitlines()}

# What goes into the sections: one record a line, its fields divided by "|".
CONTACTS = """
Carberry|Josiah|S|josiah.carberry@example.org|+1-555-0100||12 Meridian Lane, Exampleton|Example Institute of Chronobiology|principal investigator role|0000-0002-1825-0097
Achterberg|Mireille||mireille.achterberg@example.org|+1-555-0101||12 Meridian Lane, Exampleton|Example Institute of Chronobiology|specimen collector role|0000-0000-0000-001X
Oyelaran|Tomás||tomas.oyelaran@example.org|+1-555-0102||12 Meridian Lane, Exampleton|Example Institute of Chronobiology|sub-investigator role|0000-0000-0000-0028
"""
RNA_PROTOCOLS = """
nucleic acid extraction|nucleic acid extraction|Tissue was homogenised in guanidinium thiocyanate and total RNA was purified on silica columns, with DNase treatment on the column.||1.2|elution volume|refrigerated microcentrifuge|centrifuge
library construction|library construction|Oligo(dT)-primed, stranded 3' mRNA libraries with dual indexes, amplified for the stated number of cycles.||1.0|library layout;RNA input;PCR cycles||
nucleic acid sequencing|nucleic acid sequencing|The libraries of a study were pooled at equal molarity and sequenced on one lane.||1.0|sequencing instrument;read length|Illumina NovaSeq 6000|DNA sequencer
read counting|sequence analysis data transformation|Reads were trimmed, aligned to the mouse genome and counted per gene; one count matrix per tissue.||2.1|genome assembly|STAR;featureCounts|software;software
"""
INVESTIGATION = f"""
[ONTOLOGY SOURCE REFERENCE]
CHEBI|http://purl.obolibrary.org/obo/chebi.owl|235|Chemical Entities of Biological Interest
EFO|http://www.ebi.ac.uk/efo/efo.owl|3.69.0|Experimental Factor Ontology
IAO|http://purl.obolibrary.org/obo/iao.owl|2022-11-07|Information Artifact Ontology
MS|http://purl.obolibrary.org/obo/ms.owl|4.1.155|PSI Mass Spectrometry Ontology
NCBITaxon|http://purl.obolibrary.org/obo/ncbitaxon.owl|2024-07-03|NCBI Organismal Classification
OBI|http://purl.obolibrary.org/obo/obi.owl|2024-06-10|Ontology for Biomedical Investigations
PATO|http://purl.obolibrary.org/obo/pato.owl|2025-05-14|Phenotype and Trait Ontology
UBERON|http://purl.obolibrary.org/obo/uberon.owl|2024-09-03|Uberon Multi-species Anatomy Ontology
UO|http://purl.obolibrary.org/obo/uo.owl|2023-05-25|Units of Measurement Ontology
[INVESTIGATION]
mouse-circadian|A mouse circadian transcriptomics investigation|Light sets the central clock in the suprachiasmatic nucleus; meal times set the clock of the liver. Two studies ask how far each of them moves the daily rhythm of gene expression while the other is held constant. All data are invented.|2025-06-02|2025-09-01|CC0-1.0
[INVESTIGATION PUBLICATIONS]
|10.5555/fairgraph.example.1|Carberry JS, Achterberg M, Oyelaran T|Light and food as time givers of the central and the liver clock|published
[INVESTIGATION CONTACTS]{CONTACTS}
[STUDY]
mouse-circadian-light|Liver and suprachiasmatic nucleus around the clock under two light regimes|Mice lived for three weeks in cycles of 12 h light and 12 h dark or of 16 h light and 8 h dark, with food at all times, and were sampled every four hours. Zeitgeber time 0 is lights on.|2025-06-02|2025-09-01|s_light.txt|EX-2024-017
[STUDY DESIGN DESCRIPTORS]
time series design
factorial design
[STUDY PUBLICATIONS]
|10.5555/fairgraph.example.2|Achterberg M, Oyelaran T, Carberry JS|Long days reshape clock gene rhythms in the mouse SCN more than in the liver|published
[STUDY FACTORS]
light regime|light exposure
zeitgeber time|time
[STUDY ASSAYS]
a_light_rnaseq.txt|transcription profiling|nucleotide sequencing|Illumina NovaSeq 6000
[STUDY PROTOCOLS]
liver dissection|sample collection|Mice were killed by cervical dislocation at the stated zeitgeber time, in the dark phase under dim red light. The left lateral lobe of the liver was frozen in liquid nitrogen.||1.1|dissection temperature||
SCN punch|sample collection|The brain was cut into coronal slices of 0.5 mm on a cooled block and both suprachiasmatic nuclei were punched out above the optic chiasm. Where one mouse gave too little tissue, punches of several mice were pooled.||1.3|dissection temperature||\
{RNA_PROTOCOLS}
[STUDY CONTACTS]{CONTACTS}
[STUDY]
mouse-circadian-feeding|Liver transcriptome and plasma corticosterone under time-restricted feeding|Mice in 12 h light and 12 h dark had food at all times, only at night (ZT12 to ZT20) or only by day (ZT0 to ZT8) for two weeks. Liver and plasma of each mouse were taken at one of three times of day.|2025-06-02|2025-09-01|s_feeding.txt|EX-2024-018
[STUDY DESIGN DESCRIPTORS]
intervention design
factorial design
[STUDY PUBLICATIONS]
|10.5555/fairgraph.example.3|Oyelaran T, Achterberg M, Carberry JS|Daytime feeding turns the liver clock but leaves the corticosterone rhythm in place|published
[STUDY FACTORS]
feeding regime|diet
zeitgeber time|time
[STUDY ASSAYS]
a_feeding_rnaseq.txt|transcription profiling|nucleotide sequencing|Illumina NovaSeq 6000
a_feeding_corticosterone.txt|metabolite profiling|mass spectrometry|Thermo Scientific TSQ Vantage
[STUDY PROTOCOLS]
liver and plasma collection|sample collection|Under terminal anaesthesia blood was drawn from the heart into EDTA tubes and spun down for plasma; then the left lateral lobe of the liver was frozen in liquid nitrogen.||1.0|dissection temperature|refrigerated microcentrifuge|centrifuge\
{RNA_PROTOCOLS}
steroid extraction|extraction|Plasma was spiked with corticosterone-d4 and extracted with methyl tert-butyl ether; the organic phase was dried and taken up in methanol and water (1:1).||1.0|plasma volume||
LC-MS/MS|mass spectrometry|Reversed-phase separation and selected reaction monitoring in positive mode; each extract was injected twice.||1.0|instrument;ion source;analyzer;target analyte;injection volume;column temperature|TSQ Vantage|mass spectrometer
corticosterone quantification|data transformation|Peak area ratios to the internal standard were read off a calibration curve of eight points.||1.0|limit of quantification|Skyline|software
[STUDY CONTACTS]{CONTACTS}
"""

# The rows of the tables, column by column: "header: value; ...".  A value that is a term gets the
# columns of the term, a number before "@" those of its unit.
LIGHT = """
Source Name: mouse_{mouse}; Characteristics[organism]: Mus musculus; Characteristics[strain]: C57BL/6J; Comment[Strain RRID]: RRID:IMSR_JAX:000664; Characteristics[sex]: male; Characteristics[age]: 10@week; Characteristics[body mass]: {grams}@gram
Protocol REF: {protocol}; Parameter Value[dissection temperature]: 4@degree Celsius; Date: {day}; Performer: Mireille Achterberg
Sample Name: LD{light}_ZT{zt:02}_{tissue}; Comment[BioSample]: SAMEA999000{number}; Characteristics[organism part]: {organ}; Characteristics[sample size]: {size}@milligram
Factor Value[light regime]: {light} h light, {dark} h dark; Factor Value[zeitgeber time]: {zt}@hour
"""
FEEDING = """
Source Name: mouse_{mouse}; Characteristics[organism]: Mus musculus; Characteristics[strain]: C57BL/6J; Comment[Strain RRID]: RRID:IMSR_JAX:000664; Characteristics[sex]: female; Characteristics[age]: 12@week; Characteristics[body mass]: {grams}@gram
Protocol REF: liver and plasma collection; Parameter Value[dissection temperature]: 4@degree Celsius; Date: 2024-10-15; Performer: Mireille Achterberg
Sample Name: {code}_ZT{zt:02}_{tissue}; Comment[BioSample]: SAMEA999000{number}; Characteristics[organism part]: {organ}; Characteristics[sample size]: {size}
Factor Value[feeding regime]: {regime}; Factor Value[zeitgeber time]: {zt}@hour
"""
RNA_SEQ = """
Sample Name: {sample}; Protocol REF: nucleic acid extraction; Parameter Value[elution volume]: {volume}@microliter; Date: 2024-11-05; Performer: Mireille Achterberg
Extract Name: {sample}_RNA; Material Type: ribonucleic acid; Characteristics[RNA integrity number]: {integrity:.1f}
Protocol REF: library construction; Parameter Value[library layout]: SINGLE; Parameter Value[RNA input]: {mass}@nanogram; Parameter Value[PCR cycles]: {cycles}; Date: 2024-11-12; Performer: Mireille Achterberg
Protocol REF: nucleic acid sequencing; Parameter Value[sequencing instrument]: Illumina NovaSeq 6000; Parameter Value[read length]: 100@base pair; Date: 2024-11-20; Performer: Tomás Oyelaran
Assay Name: {sample}_run; Raw Data File: {sample}.fastq.gz; Comment[read count]: {reads}
Protocol REF: read counting; Parameter Value[genome assembly]: GRCm39; Date: 2024-12-03; Performer: Tomás Oyelaran
Data Transformation Name: {matrix}_counting; Derived Data File: {matrix}_counts.tsv
"""
CORTICOSTERONE = """
Sample Name: {sample}; Protocol REF: steroid extraction; Parameter Value[plasma volume]: 50@microliter; Date: 2024-11-06; Performer: Mireille Achterberg
Extract Name: {sample}_steroids; Protocol REF: LC-MS/MS; Parameter Value[instrument]: TSQ Vantage; Parameter Value[ion source]: electrospray ionization; Parameter Value[analyzer]: quadrupole; Parameter Value[target analyte]: corticosterone; Parameter Value[injection volume]: 5@microliter; Parameter Value[column temperature]: 40@degree Celsius; Date: 2024-11-07; Performer: Tomás Oyelaran
MS Assay Name: {sample}_inj{injection}; Raw Spectral Data File: {sample}_inj{injection}.mzML
Protocol REF: corticosterone quantification; Parameter Value[limit of quantification]: 0.5@nanogram per milliliter; Date: 2024-11-08; Performer: Tomás Oyelaran
Data Transformation Name: feeding_plasma_quantification; Derived Spectral Data File: feeding_plasma_corticosterone.tsv
"""


def term(label):
    """Source and accession of the term that a text names; empty if it names none."""
    source, number = ACCESSIONS.get(label, ("", ""))
    base = "http://www.ebi.ac.uk/efo" if source == "EFO" else "http://purl.obolibrary.org/obo"
    return source, f"{base}/{source}_{number}" if source else ""


def section(block):
    """A section of the investigation file: one label a line, one record a column."""
    title, _, body = block.partition("]")
    level, _, kind = title.partition(" ")
    rows = [row.split("|") for row in body.splitlines() if row]
    lines = [[title]]
    for label, *cells in zip(SECTIONS.get(title) or SECTIONS[kind], *rows, strict=True):
        name = label.replace("@", level.capitalize()).removesuffix("*")
        lines.append([name, *cells])
        for suffix, i in (("Term Accession Number", 1), ("Term Source REF", 0)):
            terms = (";".join(term(part)[i] for part in cell.split(";")) for cell in cells)
            lines += [[f"{name} {suffix}", *terms]] if label.endswith("*") else []
    return "".join(
        "\t".join([name, *(f'"{cell}"' for cell in cells)]) + "\n" for name, *cells in lines
    )


def columns(template, **values):
    """One row of a table, as pairs of header and cell."""
    row = []
    for column in template.format(**values).strip().replace("\n", "; ").split("; "):
        header, _, value = column.partition(": ")
        value, _, unit = value.partition("@")
        row += [(header, value), *([("Unit", unit)] if unit else [])]
        source, accession = term(unit or value)
        if source and header != "Protocol REF":
            row += [("Term Source REF", source), ("Term Accession Number", accession)]
    return row


def table(rows):
    """The text of a study or assay table; all its rows must have the same headers."""
    rows = list(rows)
    lines = [[header for header, _ in rows[0]], *([cell for _, cell in row] for row in rows)]
    assert all([header for header, _ in row] == lines[0] for row in rows)
    return "".join("\t".join(f'"{cell}"' for cell in line) + "\n" for line in lines)


def light_study():
    """A mouse for each regime and time gives a liver and an SCN; the last SCN is of three mice."""
    liver = {"tissue": "liver", "organ": "liver", "protocol": "liver dissection"}
    scn = {"tissue": "SCN", "organ": "suprachiasmatic nucleus", "protocol": "SCN punch"}
    for first, (light, zt) in enumerate(product((12, 16), range(0, 24, 4)), 101):
        pool = (112, 113, 114) if first == 112 else (first,)
        day = datetime(2024, 9, light, 6) + timedelta(hours=zt)  # on the 12th and on the 16th
        values = {"light": light, "dark": 24 - light, "zt": zt, "day": day.date()}
        values |= {"number": first, "size": 40 + zt}
        yield columns(LIGHT, mouse=first, grams=21 + first % 7, **liver, **values)
        values |= {"number": 200 + first, "size": round(0.4 * len(pool), 1)}
        yield from (columns(LIGHT, mouse=m, grams=21 + m % 7, **scn, **values) for m in pool)


def feeding_study():
    """A mouse for each regime and time gives a liver and a plasma sample."""
    regimes = ("AL", "ad libitum"), ("NR", "night only"), ("DR", "day only")
    for mouse, ((code, regime), zt) in enumerate(product(regimes, (0, 8, 16)), 201):
        values = {"mouse": mouse, "grams": 18 + mouse % 5, "code": code, "regime": regime, "zt": zt}
        liver = {"tissue": "liver", "organ": "liver", "size": f"{50 + zt}@milligram"}
        plasma = {"tissue": "plasma", "organ": "blood plasma", "size": "200@microliter"}
        yield columns(FEEDING, number=mouse, **liver, **values)
        yield columns(FEEDING, number=200 + mouse, **plasma, **values)


def rna_seq(study, samples):
    """The rows of an RNA-seq assay; the little RNA of an SCN needs more cycles."""
    for number, sample in enumerate(samples):
        tissue = sample.rpartition("_")[2]
        volume, mass, cycles = (12, 5, 15) if tissue == "SCN" else (30, 500, 11)
        values = {"sample": sample, "volume": volume, "mass": mass, "cycles": cycles}
        values |= {"integrity": 8.1 + number * 7 % 17 / 10, "matrix": f"{study}_{tissue}"}
        yield columns(RNA_SEQ, reads=9_000_000 + number * 7919 % 1000 * 1733, **values)


def main(folder):
    """Write the six files of the dataset into a folder."""
    light, feeding = list(light_study()), list(feeding_study())
    samples = list(dict.fromkeys(dict(row)["Sample Name"] for row in light))
    livers, plasma = ([dict(row)["Sample Name"] for row in feeding[i::2]] for i in (0, 1))
    injections = ({"sample": name, "injection": n} for name in plasma for n in (1, 2))
    files = {
        "i_investigation.txt": "".join(map(section, INVESTIGATION.strip()[1:].split("\n["))),
        "s_light.txt": table(light),
        "s_feeding.txt": table(feeding),
        "a_light_rnaseq.txt": table(rna_seq("light", samples)),
        "a_feeding_rnaseq.txt": table(rna_seq("feeding", livers)),
        "a_feeding_corticosterone.txt": table(columns(CORTICOSTERONE, **i) for i in injections),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parent / "mouse-circadian")
