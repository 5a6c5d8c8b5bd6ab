"""The demonstration: real files of fictional people, and deliveries good and bad."""
