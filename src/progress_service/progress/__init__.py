"""What has been watched: reports in, status out."""
