"""STEPS and JOBS: one file's journey, told through ports; never a driver."""
