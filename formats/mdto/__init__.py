"""MDTO 1.0.1: model, reading, writing and rules."""
