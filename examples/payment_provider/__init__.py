"""A reference payment platform: signs, repeats, loses and shuffles its callbacks as real ones do."""
