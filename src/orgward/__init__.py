"""Orgward decides who may do what in organizations and their projects."""

__version__ = "0.1.0"
