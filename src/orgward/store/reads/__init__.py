"""Pages of lists, each limited by what the caller may see."""
