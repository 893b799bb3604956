"""L2: secrets in texts: tokens of well-known shapes, and literals given to what is called a password or key."""
