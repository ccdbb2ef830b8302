"""A preview of the output folder over HTTP, as a host on the web would send it."""
