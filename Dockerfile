# One image for every process of the gateway; the command says which (docs/howto/deploy.md).
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN python -m venv /opt/gateway \
    && /opt/gateway/bin/pip install --no-cache-dir --require-hashes -r requirements/build.txt \
    && /opt/gateway/bin/pip install --no-cache-dir --require-hashes --no-build-isolation --use-pep517 \
        -r requirements/runtime.txt \
    && /opt/gateway/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

# A partner's SFTP server, for trials: OpenSSH as nobody's root, one account, keys only.
FROM debian:bookworm-slim AS partner
RUN apt-get update \
    && apt-get install --yes --no-install-recommends openssh-server openssh-sftp-server \
    && rm -rf /var/lib/apt/lists/* /etc/ssh/ssh_host_* \
    && useradd --uid 10002 --user-group --home-dir /srv/partner --no-create-home partner \
    && install -d -o 10002 -g 10002 /srv/partner /run/sshd
COPY examples/compose/sshd_config /etc/partner/sshd_config
COPY --chmod=0555 examples/compose/partner.sh /usr/local/bin/partner
USER 10002:10002
ENTRYPOINT ["/usr/local/bin/partner"]

FROM python:3.11-slim-bookworm AS gateway
# The numbers are fixed, so that volumes keep their owner over images.
RUN groupadd --gid 10001 gateway \
    && useradd --uid 10001 --gid 10001 --home-dir /var/lib/gateway --no-create-home gateway \
    && install -d -o 10001 -g 10001 /var/lib/gateway /var/lib/gateway/data
COPY --from=build /opt/gateway /opt/gateway
ENV PATH=/opt/gateway/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /var/lib/gateway
ENTRYPOINT ["gateway"]
CMD ["--help"]
