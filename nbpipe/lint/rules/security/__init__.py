"""Rules about security: Nothing leaks, and nothing from outside is run."""
