"""Each alert on its real fault: it fires in time, and the commands of the runbook clear it."""
