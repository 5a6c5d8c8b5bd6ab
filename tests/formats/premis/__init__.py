"""Tests of PREMIS 3: writing, reading and the rules."""
