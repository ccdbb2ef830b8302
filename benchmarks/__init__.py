"""Measurements against other generators, in one run on one machine; never part of the tests."""
