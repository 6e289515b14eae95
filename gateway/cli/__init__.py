"""The commands of the gateway (docs/howto/operate.md).

One module per command or family of commands.  Modules here are light: whatever a command needs
beyond typer (pydantic, rich, the database, servers) is imported when the command runs, so that
`gateway convert` of a small file starts at once.
"""
