"""What a person reads beyond the README, and the script that takes its pictures."""
