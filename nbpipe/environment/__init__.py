"""L2: where a notebook's packages come from: what it installs itself, what its project declares, what lies beside it.

It reads the project's files, which stand outside the notebook, and knows the distributions that bring a module.
"""
