"""Who may see the pages, and what belongs to whom."""
