"""The failure harness of disposal: real code, failed and killed at every effect."""
