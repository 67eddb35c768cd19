"""The command line: the operator's way to the same operations."""
