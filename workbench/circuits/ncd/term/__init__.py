"""Terms of neural circuit diagrams and their evaluation."""
