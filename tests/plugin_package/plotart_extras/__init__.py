"""What tests/test_doors.py installs: one thing for each of plotart's doors."""
