"""The files for operators: chart, units, dashboard, Compose."""
