"""Schema migrations, one SQL file a version, never changed once released."""
