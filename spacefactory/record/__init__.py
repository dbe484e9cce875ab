"""The run record: an append-only log that is the truth, and what is derived from it."""

LOG = "events.jsonl"
"""Name of the log in a run's folder."""
