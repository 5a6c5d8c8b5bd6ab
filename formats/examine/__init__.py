"""Validity per kind of file: PDF, XML, image, office, mail, container, text."""
