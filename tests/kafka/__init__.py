"""A real Apache Kafka for the tests: which one (pom.xml), and how it is started (server.py)."""
