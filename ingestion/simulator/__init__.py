"""A fake operator with planted leaks, legitimate look-alikes and the answer key to both.

It exists so that detection can be measured: what the controls find is compared with what was
planted. It shares no code with the models, and rates with a rater of its own.
"""

from ingestion.simulator.run import simulate
from ingestion.simulator.settings import AnomalyMix, SimulationSummary

__all__ = ["AnomalyMix", "SimulationSummary", "simulate"]
