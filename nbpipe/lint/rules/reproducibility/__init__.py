"""Rules about reproducibility: Running again gives the same."""
