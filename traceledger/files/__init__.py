"""Durable files, the writer's lock, and targets for archives."""
