"""The apps: one file an app."""
