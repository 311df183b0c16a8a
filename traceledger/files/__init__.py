"""Files that are whole or absent, the writer's lock, and where archives are written to."""
