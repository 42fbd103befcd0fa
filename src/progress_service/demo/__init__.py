"""The demo course: three short real clips and a reading."""
