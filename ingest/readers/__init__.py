"""How each shape of delivery is read into dossiers."""
