"""What reader and writer of published datasets (Pennsieve, Blackfynn) share: keys, data types, forms of JSON and of cells."""
