"""What `workbench new` begins a model with: a small, complete model of each kind."""
