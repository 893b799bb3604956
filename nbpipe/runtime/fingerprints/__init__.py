"""Canonical fingerprints of values: equal values have equal fingerprints, however they were made.

What counts as the value:

- the type, and everything that reading it can show: ``1``, ``1.0`` and ``True`` differ; so do ``0.0`` and ``-0.0``;
  all NaNs are one NaN;
- the insertion order of a dict (iteration shows it), not the order of a set, nor the order in which an object's
  attributes were set;
- neither memory layout (C, Fortran, strides, how a frame's blocks are stored, a RangeIndex against the same integers)
  nor the identity of equal parts: `nbpipe.runtime.aliasing` answers who shares what;
- not how long the fits of a search over parameters took, which scikit-learn keeps with it: no two runs share that;
- of functions and classes of local modules (the notebook, the pipeline's package) their code, not their comments, place
  or globals; of others their import path. An instance names its class, so that a class that moved from a notebook to a
  module gives equal instances.

Nothing here consumes an iterator or draws a random number. Values beyond the limits are sampled, and say so.
"""

from __future__ import annotations

from .walk import DEFAULT_LIMITS, UNLIMITED, Fingerprint, Limits, fingerprint

__all__ = ["DEFAULT_LIMITS", "UNLIMITED", "Fingerprint", "Limits", "fingerprint"]
