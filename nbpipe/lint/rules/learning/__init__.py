"""NB5: machine learning: rows that leak, flows that differ, models that leave their transforms behind."""
