// The second generation of the TypeScript client uses mcp-notion over HTTP.
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client"
import { converse } from "./conversation.mjs"
import { people } from "./people.mjs"

const revision = "2026-07-28"

const { enter, mayComment, newClient } = people({
  name: "modern",
  Client,
  Transport: StreamableHTTPClientTransport,
  UnauthorizedError,
  options: { versionNegotiation: { mode: { pin: revision } } },
  finish: (transport, callback) => transport.finishAuth(callback.searchParams),
  // elicited calls; the client opens the link in the middle of the call.
  async elicited(client, call, open) {
    client.setRequestHandler("elicitation/create", async ({ params }) => {
      await open(params)
      return { action: "accept" }
    })
    return client.callTool(call)
  },
})

const client = newClient()

before(async () => enter(client, await mayComment()))
after(() => client.close())

test("server/discover", async () => {
  assert.equal(client.getNegotiatedProtocolVersion(), revision)
  assert.ok((await client.discover()).supportedVersions.includes(revision))
})

converse("http-modern", client)
