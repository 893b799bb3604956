"""Rules about document: The document itself can be read and runs at all."""
