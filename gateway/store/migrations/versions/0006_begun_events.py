"""Events of subjects that have had their first step are found without passing over the others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def downgrade() -> None:
    """See the module."""
    op.drop_index("ix_outbox_begun", "outbox")


def upgrade() -> None:
    """See the module."""
    where = sa.text("state IN ('new') AND stage != 'translate'")
    op.create_index(
        "ix_outbox_begun", "outbox", ["seq"], sqlite_where=where, postgresql_where=where
    )
