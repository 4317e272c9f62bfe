// The MCP inspector on its command line starts mcp-notion for every call, as a
// person would who looks at what a server offers.
import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { createRequire } from "node:module"
import path from "node:path"
import { test } from "node:test"
import { promisify } from "node:util"
import { binary, dataDir, node, notionURL, offered, tokens, within } from "./world.mjs"

const manifestPath = createRequire(import.meta.url).resolve("@modelcontextprotocol/inspector/package.json")
const manifest = createRequire(import.meta.url)(manifestPath)
const cli = path.join(path.dirname(manifestPath), manifest.bin["mcp-inspector"])

// inspect returns the inspector's exit code and the result that it prints.
async function inspect(method, ...more) {
  const args = [cli, "--cli", "-e", `NOTION_TOKEN=${tokens.owner}`, "--method", method, ...more, "--format", "json", "-q",
    "--", binary, "stdio", "--notion-url", notionURL, "--data", dataDir, "--rate", "0"]
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, MCP_CATALOG_PATH: "" }
  try {
    const { stdout } = await promisify(execFile)(node, args, { env, timeout: 60_000 })
    return { code: 0, result: JSON.parse(stdout).result }
  } catch (err) {
    if (typeof err.code !== "number" || !err.stdout) throw err
    return { code: err.code, result: JSON.parse(err.stdout).result }
  }
}

const tool = (name, args, ...more) =>
  inspect("tools/call", "--tool-name", name, "--tool-args-json", JSON.stringify(args), ...more)

const said = ({ result }) => result.content.map((part) => part.text).join("\n")

for (const era of ["legacy", "modern"]) {
  test(`tools/list, ${era}`, async () => {
    const { code, result } = await inspect("tools/list", "--protocol-era", era)
    assert.equal(code, 0)
    assert.deepEqual(result.tools.map((t) => t.name).sort(), offered)
  })

  test(`search_notion and read_page, ${era}`, async () => {
    const passage = await within(30_000, async () => {
      const found = await tool("search_notion", { query: "which standby becomes the new primary" }, "--protocol-era", era)
      assert.equal(found.code, 0, said(found))
      const hit = found.result.structuredContent.passages.find((p) => /The standby in Gothenburg/.test(p.text))
      assert.ok(hit, said(found))
      return hit
    })
    const page = await tool("read_page", { page: passage.url }, "--protocol-era", era)
    assert.equal(page.code, 0, said(page))
    assert.match(said(page), /The standby in Gothenburg/)
  })
}

test("append_comment", async () => {
  const found = await tool("search_notion", { query: "Runbooks" })
  const posted = await tool("append_comment", { page: found.result.structuredContent.passages[0].page_id, text: "Seen by the inspector." })
  assert.equal(posted.code, 0, said(posted))
  const again = await fetch(`${notionURL}/v1/comments/${posted.result.structuredContent.comment_id}`, {
    headers: { Authorization: `Bearer ${tokens.owner}`, "Notion-Version": "2026-03-11" },
  })
  assert.equal((await again.json()).rich_text[0].plain_text, "Seen by the inspector.")
})

test("the schemas of the tools are portable between clients", async () => {
  const { code } = await inspect("tools/list", "--strict")
  assert.equal(code, 0)
})

test("a refused call is exit code 5", async () => {
  const { code } = await tool("read_page", { page: "0badc0de000040008000000000000000" })
  assert.equal(code, 5)
})
