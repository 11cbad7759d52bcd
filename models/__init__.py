"""The models: one file a model."""
