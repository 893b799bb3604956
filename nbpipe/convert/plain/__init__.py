"""A notebook as it is converted: plain Python in place of IPython's syntax, and of the scripts that it runs."""
