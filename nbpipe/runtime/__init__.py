"""What runs inside the user's interpreter: fingerprints, recorder, serializers, generator states, the step worker.

The folder is loaded by path (see `inject`), as the package ``_nbpipe_runtime``, in interpreters where nbpipe is not
installed. So nothing here imports more than the standard library of Python 3.9 at import, and nothing of nbpipe:
numpy, pandas and the rest are touched only when a value is theirs.
"""
