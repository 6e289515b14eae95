"""The document types that we speak, in one explicit list."""

from __future__ import annotations

from gateway.canonical.acknowledgement import ACKNOWLEDGEMENT
from gateway.canonical.booking import BOOKING
from gateway.canonical.document import DocumentType
from gateway.canonical.manifest import MANIFEST

DOCUMENT_TYPES: dict[str, DocumentType] = {
    kind.name: kind for kind in (MANIFEST, BOOKING, ACKNOWLEDGEMENT)
}
