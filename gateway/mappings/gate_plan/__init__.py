"""GATE PLAN 集港计划 as it circulates."""
