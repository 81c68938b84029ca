"""What `make bench` runs: each figure beside a limit measured in the same run, in the same database."""
