"""The catalogue: courses, materials and enrolments."""
