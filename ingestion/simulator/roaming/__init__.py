"""Writes the files that roaming partners exchange: TAP, its notifications, NRTRDE and RAP.

It shares no code with what reads them, not even the numbers of the tags.
"""
