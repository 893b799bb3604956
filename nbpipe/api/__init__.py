"""L5: one function a command, composing the layers below; each returns data."""
