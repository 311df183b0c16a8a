"""The routes, one file a resource; they translate and decide nothing."""
