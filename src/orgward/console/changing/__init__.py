"""Changes of access on their way: from a form over its check to the calls that are made."""
