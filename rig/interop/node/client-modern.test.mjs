// The second generation of the TypeScript client (server/discover, revision
// 2026-07-28) talks to mcp-notion over stdio.
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { Client } from "@modelcontextprotocol/client"
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio"
import { command, converse } from "./conversation.mjs"
import { offered } from "./world.mjs"

const revision = "2026-07-28"
const connect = (mode) => new Client({ name: "interop-modern", version: "1.0.0" }, { versionNegotiation: { mode } })
const client = connect({ pin: revision })

before(() => client.connect(new StdioClientTransport(command)))
after(() => client.close())

test("server/discover", async () => {
  assert.equal(client.getProtocolEra(), "modern")
  assert.equal(client.getNegotiatedProtocolVersion(), revision)
  const found = await client.discover()
  assert.ok(found.supportedVersions.includes(revision), JSON.stringify(found))
  assert.ok(found.capabilities.tools)
})

converse("modern", client)

test("a client that tries both finds the modern one, beside a running server", async () => {
  const second = connect("auto")
  await second.connect(new StdioClientTransport(command))
  try {
    assert.equal(second.getNegotiatedProtocolVersion(), revision)
    assert.equal((await second.listTools()).tools.length, offered.length)
  } finally {
    await second.close()
  }
})
