"""What every module stands on: database, tenancy, permissions, live updates, jobs, crypto. Knows no module."""
