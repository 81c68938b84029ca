"""Real processes, killed and starved on purpose. What the stand-in for Meta accepted is compared with what we believe.

`FAULT_ROUNDS` sets how often something is killed (20; use 100 before a release).
"""
