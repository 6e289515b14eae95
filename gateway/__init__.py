"""The port EDI gateway: keeps, reads, decides, answers and delivers shipping documents."""
