"""Negative controls: for every invariant a bug that its test must notice. Nothing here is reachable from the product."""
