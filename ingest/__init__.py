"""How a dossier comes in."""
