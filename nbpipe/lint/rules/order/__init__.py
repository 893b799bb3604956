"""Rules about order: Execution order and hidden state."""
