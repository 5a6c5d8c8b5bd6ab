"""Tests of formats/bagit."""
