"""L2: settings that are hard-coded in cells, and parameters: found, named, typed."""
