// Both generations of the TypeScript client use what the other conversations
// leave out: writes that wait, and the two tools of the chatgpt set.
import assert from "node:assert/strict"
import { test } from "node:test"
import { Client as Legacy } from "@modelcontextprotocol/sdk/client/index.js"
import { StdioClientTransport as LegacyTransport } from "@modelcontextprotocol/sdk/client/stdio.js"
import { Client as Modern } from "@modelcontextprotocol/client"
import { StdioClientTransport as ModernTransport } from "@modelcontextprotocol/client/stdio"
import { binary, dataDir, fault, notionURL, tokens, within } from "./world.mjs"

const generations = {
  legacy: { transport: LegacyTransport, client: () => new Legacy({ name: "interop", version: "1.0.0" }) },
  modern: {
    transport: ModernTransport,
    client: () => new Modern({ name: "interop", version: "1.0.0" }, { versionNegotiation: { mode: { pin: "2026-07-28" } } }),
  },
}

// using starts mcp-notion with a data folder of its own and gives its client
// to talk.
async function using({ transport, client }, folder, options, talk) {
  const it = client()
  await it.connect(new transport({
    command: binary,
    args: ["stdio", "--notion-url", notionURL, "--data", `${dataDir}-${folder}`, "--rate", "0", ...options],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NOTION_TOKEN: tokens.owner },
    stderr: "inherit",
  }))
  try {
    await talk(it)
  } finally {
    await it.close()
  }
}

const said = (result) => result.content.map((part) => part.text).join("\n")

async function call(client, name, args) {
  const result = await client.callTool({ name, arguments: args })
  assert.ok(!result.isError, said(result))
  return result
}

for (const [generation, its] of Object.entries(generations)) {
  test(`a comment waits for a busy Notion, is seen, and taken back, ${generation}`, () =>
    using(its, `pending-${generation}`, [], async (client) => {
      const page = await within(30_000, async () => {
        const { structuredContent } = await call(client, "search_notion", { query: "which standby becomes the new primary" })
        assert.ok(structuredContent.quoted.length > 0)
        return structuredContent.quoted[0][0]
      })
      const text = `Later, says ${generation}`
      await fault({ method: "POST", route: "/v1/comments", status: 429, retry_after: 600, times: 1 })
      const kept = await call(client, "append_comment", { page, text })
      assert.ok(kept.structuredContent.write_id, said(kept))
      const waiting = await call(client, "pending_writes", {})
      const [write] = waiting.structuredContent.writes
      assert.equal(write.write_id, kept.structuredContent.write_id)
      assert.equal(write.state, "waiting")
      assert.equal(write.kind, "comment")
      assert.ok(said(waiting).includes(text), said(waiting))
      const dropped = await call(client, "pending_writes", { write_id: write.write_id, cancel: true })
      assert.equal(dropped.structuredContent.writes[0].state, "cancelled")
    }))

  test(`the chatgpt set searches and fetches, ${generation}`, () =>
    using(its, `chatgpt-${generation}`, ["--toolset", "chatgpt"], async (client) => {
      const { tools } = await client.listTools()
      assert.deepEqual(tools.map((tool) => tool.name).sort(), ["fetch", "search"])
      const found = await within(30_000, async () => {
        const { structuredContent, content } = await call(client, "search", { query: "which standby becomes the new primary" })
        assert.deepEqual(JSON.parse(content[0].text), structuredContent)
        assert.ok(structuredContent.results.length > 0)
        assert.match(structuredContent.results[0].title, /Database failover$/, "the pages are still being read")
        return structuredContent.results[0]
      })
      assert.deepEqual(Object.keys(found).sort(), ["id", "title", "url"])
      const { structuredContent, content } = await call(client, "fetch", { id: found.id })
      assert.deepEqual(JSON.parse(content[0].text), structuredContent)
      assert.equal(structuredContent.id, found.id)
      assert.match(structuredContent.text, /The standby in Gothenburg/)
      assert.match(structuredContent.url, /^https:\/\//)
      assert.ok((await client.callTool({ name: "append_comment", arguments: {} }).catch(() => ({ isError: true }))).isError)
    }))
}
