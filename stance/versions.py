"""The versions that a model file states, and which of them this package reads.

The recipe for a change of format: raise FORMAT_VERSION, keep reading the old versions, and keep a file of each in
`fixtures/models/`.
"""

FORMAT_VERSION = 5
"""Version 2 added the pair model; version 3 the tables of the native kernel, whole numbers for weights, and digests;
in version 4 the weights have the idf in them, and what a term adds no longer depends on how often it occurs; since
version 5 they are bytes, and a class may have several faces."""

TERMS_VERSION = 2
"""Raise it with every change of what `terms.py` returns, which a model must be fitted on and read with alike."""

PAIR_TERMS_VERSION = 2
"""The same for `pair_terms.py`."""

READABLE_FORMATS = (1, 2, 3, 4, 5)

READABLE_TERMS = (1, 2)
"""Version 1 did not fold characters: its models are read, and do not find the accented words they learned."""
