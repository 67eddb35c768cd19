"""The one engine: check, list, reverse list, explain and what-if over the same facts."""
