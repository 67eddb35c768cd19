"""The rules of the directory: pure functions from a proof and a command to deltas."""
