"""Kinds of store behind one protocol."""
