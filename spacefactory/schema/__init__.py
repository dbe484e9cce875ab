"""The facts that flow: frozen, typed, and the same in memory, in the record and in `--json`."""
