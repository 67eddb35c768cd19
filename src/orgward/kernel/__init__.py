"""The words every layer shares: ids, instants, principals, resources, deltas and errors."""
