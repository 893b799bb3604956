"""L4: MLflow hears the events of execute and pipeline; it never stalls or fails a run."""
