"""Linli (邻里): a platform for running a neighbourhood together. See docs/ and the package docstrings of each room."""

__version__ = "0.1.0"
