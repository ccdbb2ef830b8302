"""Looks at a live site as readers and aggregators do, and says what they would stumble over."""
