"""Schema migrations, one SQL file per version, never changed once released."""
