"""NB7: what keeps a notebook whose cells are tagged as steps from being a pipeline."""
