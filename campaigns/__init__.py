"""Long runs that try to break stance, each with its counts printed: `python -m campaigns.NAME`."""
