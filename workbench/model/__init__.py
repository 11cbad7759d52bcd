"""How a model is declared."""
