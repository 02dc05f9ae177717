# syntax=docker/dockerfile:1

# One static binary and the certificates it trusts, nothing else: no shell, no
# package manager. State goes to /data alone, so the rest may be read-only.
#
#   docker build --build-arg VERSION=1.2.3 -t newsdesk .
#   docker run --read-only -v newsdesk:/data -p 127.0.0.1:8080:8080 \
#     -e WEB_LISTEN=0.0.0.0:8080 -e WEB_TOKEN=... -e DISCORD_TOKEN=... newsdesk
#
# A configuration is read from /newsdesk.yaml where it is mounted there.

FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG VERSION=""
ARG TARGETOS
ARG TARGETARCH
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -ldflags "-s -w -X main.version=$VERSION" -o /out/newsdesk . && mkdir /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/newsdesk /usr/local/bin/newsdesk
# A new volume takes its owner from the folder that it is mounted on.
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
VOLUME /data
EXPOSE 8080
# /healthz and /readyz answer whoever can speak HTTP; a check from inside would
# need a shell that is not here.
ENTRYPOINT ["/usr/local/bin/newsdesk"]
