"""The run record: an append-only log that is the truth, and what is derived from it."""
