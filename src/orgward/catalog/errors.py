"""The error that stops the import of a catalogue that contradicts itself."""


class CatalogError(ValueError):
    """Says which row of the catalogue is wrong; raised at import, so no faulty table ever decides."""
