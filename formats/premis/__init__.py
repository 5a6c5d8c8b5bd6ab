"""PREMIS 3: what is kept, what happened to it, and who did it; model, writing, reading, rules."""
