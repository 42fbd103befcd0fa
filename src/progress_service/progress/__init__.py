"""Watch progress: stores reports and returns statuses."""
