"""Terms of neural circuit diagrams, and what they compute."""
