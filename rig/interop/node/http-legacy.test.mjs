// The first generation of the TypeScript client uses mcp-notion over HTTP.
import assert from "node:assert/strict"
import { after, before } from "node:test"
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js"
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js"
import { UrlElicitationRequiredError } from "@modelcontextprotocol/sdk/types.js"
import { converse } from "./conversation.mjs"
import { people } from "./people.mjs"

const { enter, mayComment, newClient } = people({
  name: "legacy",
  Client,
  Transport: StreamableHTTPClientTransport,
  UnauthorizedError,
  finish: (transport, callback) => transport.finishAuth(callback.searchParams.get("code")),
  // elicited calls, opens the link that the error names, and calls again.
  async elicited(client, call, open) {
    const err = await client.callTool(call).catch((reason) => reason)
    assert.ok(err instanceof UrlElicitationRequiredError, err)
    assert.equal(err.code, -32042)
    assert.equal(err.elicitations.length, 1)
    assert.ok(err.elicitations[0].elicitationId)
    await open(err.elicitations[0])
    return client.callTool(call)
  },
})

const client = newClient()

before(async () => enter(client, await mayComment()))
after(() => client.close())

converse("http-legacy", client)
