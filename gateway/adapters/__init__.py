"""The replaceable shells around the pipeline: channels in and out, the archive, the clock."""
