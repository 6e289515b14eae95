"""A reference payment platform: signs, repeats, loses and shuffles callbacks as real ones do."""
