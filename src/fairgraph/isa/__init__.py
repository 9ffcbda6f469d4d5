"""What the reader and the writer of ISA-Tab tables share: the meaning of columns, and rows as paths."""
