"""Fixity: runs over every copy, their results, repair, rhythm and proof."""
