"""feedpub publishes article records as RSS, Atom and JSON feeds."""
