"""Alembic revisions: NNNN_what.py, with revision "NNNN" and down_revision the one before."""
