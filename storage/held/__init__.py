"""Records that others hold while the zorgdrager stays responsible: parties and their word."""
