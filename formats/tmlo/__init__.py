"""TMLO as ToPX 2.3 - 2.3_2: model, reading, writing, rules and its mapping to MDTO."""
