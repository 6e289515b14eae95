"""ROUTING: decision × agreements → deliveries and answers.  Pure: facts in, plans out."""
