"""What is used of Brian2 beyond its documented interface."""
