"""The tests; a folder here mirrors a package of src/orgward."""
