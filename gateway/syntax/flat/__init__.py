"""The flat platform files (平台文件) of the Ministry of Transport: reader, layouts, escapes."""
