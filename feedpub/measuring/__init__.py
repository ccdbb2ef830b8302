"""Measuring pictures: the one thing here that asks servers a record names, and trusts none."""
