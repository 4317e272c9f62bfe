# A static binary and the certificates of the world, run by nobody in
# particular: docker build -t mcp-notion .
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 GOWORK=off go build -trimpath -ldflags "-s -w" -o /out/mcp-notion ./cmd/mcp-notion && mkdir /out/data /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/mcp-notion /usr/local/bin/mcp-notion
COPY --from=build --chown=65532:65532 --chmod=700 /out/data /data
COPY --from=build --chmod=1777 /out/tmp /tmp
ENV MCP_NOTION_DATA=/data
VOLUME /data
USER 65532:65532
EXPOSE 8080 9464
HEALTHCHECK --interval=10s --timeout=4s CMD ["/usr/local/bin/mcp-notion", "health"]
ENTRYPOINT ["/usr/local/bin/mcp-notion"]
CMD ["serve", "--addr", "0.0.0.0:8080", "--remote"]
