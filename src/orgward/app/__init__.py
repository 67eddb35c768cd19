"""The door: every face, command-line command and job runs operations, and only operations."""
