#!/bin/sh
# Serve /srv/partner/files over SFTP; the host key is made once and stays on its volume.
set -eu
home=${PARTNER_HOME:-/srv/partner}
config=${PARTNER_CONFIG:-/etc/partner/sshd_config}
mkdir -p "$home/keys" "$home/files/in" "$home/files/out" "$home/files/archive"
key="$home/keys/ssh_host_ed25519_key"
[ -f "$key" ] || ssh-keygen -q -t ed25519 -N '' -C partner -f "$key"
exec /usr/sbin/sshd -D -e -f "$config" -p "${PARTNER_PORT:-2022}"
