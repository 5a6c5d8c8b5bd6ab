"""Tests of TMLO: schema, reading, writing, rules, inheritance, and the way to MDTO and back."""
