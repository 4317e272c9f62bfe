// The first generation of the TypeScript client (initialize, revision
// 2025-11-25 and before) talks to mcp-notion over stdio.
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js"
import { command, converse } from "./conversation.mjs"

const client = new Client({ name: "interop-legacy", version: "1.0.0" })

before(() => client.connect(new StdioClientTransport(command)))
after(() => client.close())

test("initialize", async () => {
  assert.equal(client.getServerVersion().name, "mcp-notion")
  assert.ok(client.getServerCapabilities().tools)
  assert.ok(client.getInstructions().length > 0)
  await client.ping()
})

converse("legacy", client)
