"""Rules about hygiene: What stands in the file is what its readers, its reviewers and version control need."""
