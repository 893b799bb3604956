"""Rules about configuration: What a run may want to change is apart from what it does."""
