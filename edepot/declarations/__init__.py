"""Declarations: their documents, and how they are kept."""
