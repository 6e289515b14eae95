"""SLOT POOL 集港预约池 as it circulates."""
