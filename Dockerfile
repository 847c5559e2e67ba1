# syntax=docker/dockerfile:1
#
# The two images, each one static program on nothing:
#
#   docker build --target control --tag upguard-control .
#   docker build --target probe   --tag upguard-probe   .
#
# For several processors at once: docker buildx build --platform linux/amd64,linux/arm64 …

FROM node:22-bookworm-slim AS dashboard
WORKDIR /src/dashboard
COPY dashboard/package.json dashboard/package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY dashboard/ ./
RUN npm run build


FROM rust:1-bookworm AS rust
RUN apt-get update \
    && apt-get install --yes --no-install-recommends musl-tools \
    && rm -rf /var/lib/apt/lists/* \
    && rustup target add "$(uname -m)-unknown-linux-musl"
WORKDIR /src
COPY . .


FROM rust AS build-probe
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    target="$(uname -m)-unknown-linux-musl" \
    && cargo build --locked --release --target "$target" --package upguard-probe \
    && cp "target/$target/release/upguard-probe" /upguard-probe


FROM rust AS build-control
COPY --from=dashboard /src/dashboard/dist dashboard/dist
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    target="$(uname -m)-unknown-linux-musl" \
    && cargo build --locked --release --target "$target" --package upguard-control \
    && cp "target/$target/release/upguard-control" /upguard-control


FROM scratch AS probe
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="upguard-probe" \
      org.opencontainers.image.description="A probe of UpGuard: checks websites from its region" \
      org.opencontainers.image.source="https://github.com/upguard/upguard" \
      org.opencontainers.image.documentation="https://github.com/upguard/upguard/blob/main/docs/install.md" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=build-probe /upguard-probe /upguard-probe
USER 65532:65532
EXPOSE 9091
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s CMD ["/upguard-probe", "health"]
ENTRYPOINT ["/upguard-probe"]
CMD ["run"]


FROM scratch AS control
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="upguard-control" \
      org.opencontainers.image.description="UpGuard's control plane: API, dashboard, scheduler, verdicts and alerts" \
      org.opencontainers.image.source="https://github.com/upguard/upguard" \
      org.opencontainers.image.documentation="https://github.com/upguard/upguard/blob/main/docs/install.md" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=build-control /upguard-control /upguard-control
USER 65532:65532
EXPOSE 8080 9090
HEALTHCHECK --interval=10s --timeout=4s --start-period=30s CMD ["/upguard-control", "health"]
ENTRYPOINT ["/upguard-control"]
CMD ["serve"]
