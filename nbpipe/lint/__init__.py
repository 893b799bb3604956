"""L3: the linter: rules, and what finds, selects, runs, silences and reports them."""
