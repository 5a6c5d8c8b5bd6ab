"""How long a dossier stays, and how it goes out."""
