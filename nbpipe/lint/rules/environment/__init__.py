"""Rules about the environment: What a notebook needs can be had again elsewhere."""
