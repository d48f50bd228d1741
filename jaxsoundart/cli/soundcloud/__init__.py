"""`jaxsoundart soundcloud`: sign in, list one's own tracks, paint them, upload."""
