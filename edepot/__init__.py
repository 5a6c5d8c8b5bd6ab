"""The roof: commands, configuration, reports, and the joint."""
