// Notion's own MCP server, driven over stdio by the TypeScript client, with the
// emulator in the place of the Notion API.
import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { createRequire } from "node:module"
import path from "node:path"
import { Client as Notion } from "@notionhq/client"
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js"
import { findPage, node, notionURL, requests, titleOf, tokens } from "./world.mjs"

const manifest = createRequire(import.meta.url).resolve("@notionhq/notion-mcp-server/package.json")
const client = new Client({ name: "interop", version: "1.0.0" })
let page // Database failover

before(async () => {
  const notion = new Notion({ auth: tokens.owner, baseUrl: notionURL, notionVersion: "2026-03-11" })
  page = await findPage(notion, "Database failover")
  await client.connect(new StdioClientTransport({
    command: node,
    args: [path.join(path.dirname(manifest), "bin", "cli.mjs")],
    env: { PATH: process.env.PATH, NOTION_TOKEN: tokens.owner, BASE_URL: notionURL },
    stderr: "inherit",
  }))
})

after(() => client.close())

// call returns what a tool answers; the server hides errors in plain text.
async function call(name, args) {
  const answered = await requests()
  const result = await client.callTool({ name, arguments: args })
  assert.ok(!result.isError, JSON.stringify(result))
  const body = JSON.parse(result.content[0].text)
  assert.notEqual(body.status, "error", JSON.stringify(body))
  assert.ok((await requests()) > answered, "the emulator was not asked")
  return body
}

test("tools/list", async () => {
  const names = (await client.listTools()).tools.map((tool) => tool.name)
  for (const name of ["API-post-search", "API-retrieve-a-page", "API-get-block-children", "API-retrieve-page-markdown"]) {
    assert.ok(names.includes(name), `no ${name} among ${names}`)
  }
})

test("API-get-self", async () => {
  assert.equal((await call("API-get-self", {})).type, "bot")
})

test("API-post-search", async () => {
  const found = await call("API-post-search", { query: "failover" })
  assert.deepEqual(found.results.map(titleOf), ["Database failover"])
})

test("API-retrieve-a-page", async () => {
  const got = await call("API-retrieve-a-page", { page_id: page.id })
  assert.equal(got.id, page.id)
  assert.equal(titleOf(got), "Database failover")
})

test("API-get-block-children", async () => {
  const list = await call("API-get-block-children", { block_id: page.id, page_size: 3 })
  assert.equal(list.results.length, 3)
  assert.equal(list.has_more, true)
})

test("API-retrieve-page-markdown", async () => {
  const body = await call("API-retrieve-page-markdown", { page_id: page.id })
  assert.match(body.markdown, /The standby in Gothenburg/)
})

test("an absent page is an error of the API", async () => {
  const result = await client.callTool({
    name: "API-retrieve-a-page",
    arguments: { page_id: "0badc0de-0000-4000-8000-000000000000" },
  })
  assert.match(result.content[0].text, /object_not_found/)
})
