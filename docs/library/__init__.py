"""Makes the knowledge about libraries from the libraries that are installed: see `docs/generate_library.py`.

One module for each source of knowledge:

- `inventory`: what is public, by looking at the library itself: the denominator of everything that is counted;
- `typed`: types of results and attributes, from annotations and stubs, as mypy resolves them;
- `described`: the same from docstrings in NumPy's format, for libraries without annotations;
- `effects`: which methods change their object or give it back, from the code itself;
- `parameters`: which arguments are places of files, take a seed or a place to write to, from signatures;
- `settings`: which arguments tune what is computed, for the machine learning libraries;
- `writing` and `coverage`: the files, and the page that says how much they cover.
"""
