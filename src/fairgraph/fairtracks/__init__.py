"""What reader, writer and checker of FAIRtracks documents share: keys, signatures, CURIEs, the schemas of the standard."""
