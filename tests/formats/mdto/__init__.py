"""Tests of MDTO: schema, reading, writing, rules and relations."""
