"""Layout of a diagram: positions of nodes, edges and labels."""
