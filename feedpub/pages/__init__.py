"""What the site shows beside its feeds: pages, the subscription list and the manifest."""
