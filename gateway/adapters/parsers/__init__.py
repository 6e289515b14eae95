"""Parser children: separate processes, niced, spawned once, without database or network."""
