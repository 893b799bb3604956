"""L4: comparing outputs with stored outputs, and a pipeline with its notebook."""
