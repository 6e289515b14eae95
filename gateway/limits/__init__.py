"""Every bound of the gateway, each with its reason.  Sizes are bytes, times are seconds.

Defaults only: `settings` may lower or raise those that an operator may own; the others protect
memory and time whoever asks.
"""

from gateway.limits.channels import *  # noqa: F403 - one name, a page for each kind
from gateway.limits.formats import *  # noqa: F403
from gateway.limits.journey import *  # noqa: F403
from gateway.limits.machines import *  # noqa: F403
from gateway.limits.services import *  # noqa: F403
from gateway.limits.units import *  # noqa: F403
