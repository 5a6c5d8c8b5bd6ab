"""Measurements: ratios in one run, against a physical limit or against the hand-made pipeline."""
