"""What the server offers, best first; anything not named here is refused in the key exchange.

No SHA-1, CBC, 3DES, HMAC-MD5, DSA, nor RSA signatures with SHA-1 (S-12).  ChaCha20-Poly1305 is left
out on purpose: with it and a client that knows no strict key exchange, messages could be cut off
the start of a session (CVE-2023-48795); AES-GCM has no such weakness.
"""

KEY_EXCHANGES = (
    "mlkem768x25519-sha256",
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "diffie-hellman-group-exchange-sha256",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group18-sha512",
    "diffie-hellman-group14-sha256",
)
# AES-128 first: the strength is enough, and it is what keeps a core free for files.
CIPHERS = (
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "aes128-ctr",
    "aes192-ctr",
    "aes256-ctr",
)
MACS = (
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
)
# Of keys with which accounts sign in.
SIGNATURES = (
    "ssh-ed25519",
    "sk-ssh-ed25519@openssh.com",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
# None at all: a compressed upload could unpack without bound.
COMPRESSIONS = ("none",)
