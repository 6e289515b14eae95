"""Who drives the steps: the embedded runner on one machine, Faust on Kafka on many."""
