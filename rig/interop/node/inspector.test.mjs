// The MCP inspector on its command line calls every tool, reads resources and
// gets prompts, in both eras of the protocol: over stdio it starts mcp-notion
// for every call, as a person would who looks at what a server offers; over HTTP
// it brings a token.
import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { createRequire } from "node:module"
import path from "node:path"
import { test } from "node:test"
import { promisify } from "node:util"
import { Client as Notion, collectPaginatedAPI } from "@notionhq/client"
import { scopes } from "./login.mjs"
import { binary, control, dataDir, fault, findPage, idOf, mcpURL, node, notionURL, offered, plain, quoted, tokens, within } from "./world.mjs"

const notion = new Notion({ auth: tokens.owner, baseUrl: notionURL, notionVersion: "2026-03-11" })
const manifestPath = createRequire(import.meta.url).resolve("@modelcontextprotocol/inspector/package.json")
const manifest = createRequire(import.meta.url)(manifestPath)
const cli = path.join(path.dirname(manifestPath), manifest.bin["mcp-inspector"])

// inspect returns the inspector's exit code and the result that it prints.
async function inspect(target, method, more) {
  const args = [cli, "--cli", ...target.before, "--method", method, ...more, "--format", "json", "-q", ...(target.after ?? [])]
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, MCP_CATALOG_PATH: "" }
  try {
    const { stdout } = await promisify(execFile)(node, args, { env, timeout: 60_000 })
    return { code: 0, result: JSON.parse(stdout).result }
  } catch (err) {
    if (typeof err.code !== "number" || !err.stdout) throw err
    return { code: err.code, result: JSON.parse(err.stdout).result }
  }
}

// stdio is a target that starts mcp-notion.
const stdio = (...options) => ({
  before: ["-e", `NOTION_TOKEN=${tokens.owner}`],
  after: ["--", binary, "stdio", "--notion-url", notionURL, "--data", dataDir, "--rate", "0", ...options],
})

const token = await control("token", { sub: "user_connected", scope: `${scopes.read} ${scopes.comment}` })
const http = { before: [mcpURL, "--transport", "http", "--header", `Authorization: Bearer ${token}`] }

const said = (result) => result.content.map((part) => part.text).join("\n")

// An Inspector is one way to a server, in one era.
class Inspector {
  constructor(target, era) {
    this.run = (method, ...more) => inspect(target, method, ["--protocol-era", era, ...more])
  }

  async get(method, ...more) {
    const { code, result } = await this.run(method, ...more)
    assert.equal(code, 0, JSON.stringify(result))
    return result
  }

  call(name, args) {
    return this.get("tools/call", "--tool-name", name, "--tool-args-json", JSON.stringify(args))
  }

  // passage searches, once, until the mirror has what answers.
  passage() {
    this.found ??= within(30_000, async () => {
      const found = await this.call("search_notion", { query: "which standby becomes the new primary" })
      const hit = quoted(found.structuredContent, /The standby in Gothenburg/)
      assert.ok(hit, said(found))
      return hit
    })
    return this.found
  }
}

const eras = ["legacy", "modern"]
const targets = { stdio: stdio(), http }

for (const [name, target] of Object.entries(targets)) {
  for (const era of eras) {
    test(`${name}, ${era}`, async (t) => {
      const inspector = new Inspector(target, era)
      for (const [what, check] of Object.entries(checks)) {
        await t.test(what, () => check(inspector, `${name}, ${era}`))
      }
    })
  }
}

// keepAndCancel has a comment refused by a busy Notion. Over stdio each call is a
// process of its own, so the comment waits on disk.
async function keepAndCancel(inspector, who) {
  const page = await findPage(notion, "Runbooks")
  await fault({ method: "POST", route: "/v1/comments", status: 429, retry_after: 600, times: 1 })
  const kept = await inspector.call("append_comment", { page: page.id, text: `Later, ${who}` })
  assert.ok(kept.structuredContent.write_id, said(kept))
  const { structuredContent } = await inspector.call("pending_writes", {})
  const write = structuredContent.writes.find((one) => one.write_id === kept.structuredContent.write_id)
  assert.equal(write?.state, "waiting", JSON.stringify(structuredContent))
  const dropped = await inspector.call("pending_writes", { write_id: write.write_id, cancel: true })
  assert.equal(dropped.structuredContent.writes[0].state, "cancelled")
  const comments = await collectPaginatedAPI(notion.comments.list, { block_id: page.id })
  assert.ok(!comments.some((comment) => plain(comment.rich_text) === `Later, ${who}`), "written though it was cancelled")
}

const checks = {
  "tools/list": async (inspector) => {
    const { tools } = await inspector.get("tools/list")
    assert.deepEqual(tools.map((tool) => tool.name).sort(), offered)
  },

  search_notion: async (inspector) => {
    const passage = await inspector.passage()
    assert.equal(passage.title, "Database failover")
    const newest = await inspector.get("tools/call", "--tool-name", "search_notion", "--tool-arg", "limit=2")
    assert.equal(newest.structuredContent.quoted.length, 2)
  },

  read_page: async (inspector) => {
    const passage = await inspector.passage()
    const page = await inspector.call("read_page", { page: passage.url })
    assert.match(said(page), /dbctl promote --cluster orders/)
    const found = await inspector.call("read_page", { page: passage.url.split("#")[0], find: "standby in Gothenburg", comments: true })
    assert.match(found.structuredContent.quoted.join("\n"), /The standby in Gothenburg/)
  },

  query_database: async (inspector) => {
    const { structuredContent } = await inspector.call("query_database", { database: "Projects", describe: true })
    const name = structuredContent.properties.find((p) => p.endsWith(" (title)")).replace(" (title)", "")
    const all = await inspector.call("query_database", { database: "Projects" })
    const [row] = all.structuredContent.rows
    const some = await inspector.call("query_database", { database: "Projects", where: [{ property: name, value: row[1] }] })
    assert.deepEqual(some.structuredContent.rows, [row])
  },

  create_page: async (inspector, who) => {
    const args = { parent: "Projects", title: `Made by the inspector, ${who}` }
    const made = await inspector.call("create_page", args)
    assert.ok(made.structuredContent.url && !made.structuredContent.duplicate, said(made))
    const again = await inspector.call("create_page", args)
    assert.equal(again.structuredContent.duplicate, true)
    assert.equal(again.structuredContent.url, made.structuredContent.url)
    const page = await notion.pages.retrieve({ page_id: idOf(made.structuredContent.url) })
    assert.equal(page.parent.type, "data_source_id")
    await notion.pages.update({ page_id: page.id, in_trash: true })
  },

  append_comment: async (inspector, who) => {
    const page = await findPage(notion, "Runbooks")
    const text = `Seen by the inspector, ${who}.`
    const posted = await inspector.call("append_comment", { page: page.id, text })
    const comments = await collectPaginatedAPI(notion.comments.list, { block_id: page.id })
    const ours = comments.filter((comment) => plain(comment.rich_text) === text)
    assert.deepEqual(ours.map((comment) => comment.id), [posted.structuredContent.comment_id])
  },

  check_citations: async (inspector) => {
    const { text, url } = await inspector.passage()
    const [words] = text.match(/The standby in Gothenburg[^.\n]*/)
    const good = await inspector.call("check_citations", { answer: `They say "${words}" ([failover](${url})).` })
    assert.equal(good.structuredContent.ok, true, said(good))
    const bad = await inspector.call("check_citations", { citations: [{ url, quote: words.replace("standby", "primary") }] })
    assert.equal(bad.structuredContent.citations[0].verdict, "near", said(bad))
  },

  "resources/list, resources/templates/list, resources/read": async (inspector) => {
    const { url } = await inspector.passage()
    const { resources } = await inspector.get("resources/list")
    const failover = resources.find((r) => r.name === "Database failover")
    assert.ok(failover.uri.replaceAll("-", "").includes(idOf(url.split("#")[0])), failover.uri)
    const { resourceTemplates } = await inspector.get("resources/templates/list")
    assert.ok(resourceTemplates.some((r) => r.uriTemplate === "notion://page/{id}"), JSON.stringify(resourceTemplates))
    const read = await inspector.get("resources/read", "--uri", failover.uri)
    assert.match(read.contents[0].text, /The standby in Gothenburg/)
  },

  "prompts/list, prompts/get": async (inspector) => {
    const { prompts } = await inspector.get("prompts/list")
    assert.equal(prompts.length, 6)
    const { messages } = await inspector.get("prompts/get", "--prompt-name", "find_runbook", "--prompt-args", "ticket=replica lag")
    assert.match(messages[0].content.text, /replica lag/)
  },

  "a refused call is exit code 5": async (inspector) => {
    const { code } = await inspector.run("tools/call", "--tool-name", "read_page", "--tool-arg", "page=0badc0de000040008000000000000000")
    assert.equal(code, 5)
  },
}

for (const era of eras) {
  test(`the chatgpt set, ${era}`, async () => {
    const inspector = new Inspector(stdio("--toolset", "chatgpt"), era)
    const { tools } = await inspector.get("tools/list")
    assert.deepEqual(tools.map((tool) => tool.name).sort(), ["fetch", "search"])
    const { structuredContent } = await inspector.call("search", { query: "which standby becomes the new primary" })
    const fetched = await inspector.call("fetch", { id: structuredContent.results[0].id })
    assert.match(fetched.structuredContent.text, /The standby in Gothenburg/)
    assert.equal(fetched.structuredContent.id, structuredContent.results[0].id)
  })
}

for (const [name, target] of Object.entries({ "default tools": stdio(), "chatgpt set": stdio("--toolset", "chatgpt"), http })) {
  test(`the schemas are portable between clients: ${name}`, async () => {
    const { code } = await inspect(target, "tools/list", ["--strict"])
    assert.equal(code, 0)
  })
}

// The last, because the server asks Notion for nothing as long as it was told to
// wait.
for (const [name, target] of Object.entries(targets)) {
  for (const era of eras) {
    test(`pending_writes, ${name}, ${era}`, () => keepAndCancel(new Inspector(target, era), `${name}, ${era}`))
  }
}
