"""The two workflows, as lists of steps, and how they end."""
