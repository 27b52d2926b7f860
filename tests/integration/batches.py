"""How a rule is tried on a whole batch of drawn cases in one build of the models.

A build costs seconds and carries hundreds of cases, so hypothesis draws them all at once, always
the same ones, and does not shrink; a test names the smallest case that breaks its rule.
"""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, Verbosity, settings

one_batch = settings(
    max_examples=1,
    deadline=None,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    verbosity=Verbosity.quiet,
    suppress_health_check=list(HealthCheck),
)
