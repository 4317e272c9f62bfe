// What every suite is given by the Go side, and a few steps that they share.
import assert from "node:assert/strict"

function env(name) {
  const value = process.env[name]
  assert.ok(value, `${name} is not set: start the suites with go run ./rig/interop`)
  return value
}

export const notionURL = env("INTEROP_NOTION_URL")
// A workspace of two related tables with a column of every type, on Tuesday,
// the 10th of March 2026.
export const typesURL = env("INTEROP_TYPES_URL")
// Generated pages that try to be more than text: title, comment, and blocks with
// what each says to a reader.
export const hostileFile = env("INTEROP_HOSTILE")
export const dataDir = env("INTEROP_DATA_DIR")
export const binary = env("INTEROP_BINARY")
export const mcpURL = env("INTEROP_MCP_URL")
export const signedInURL = env("INTEROP_SIGNED_IN_URL")
export const workosURL = env("INTEROP_WORKOS_URL")
export const workosKey = env("INTEROP_WORKOS_KEY")
const controlURL = env("INTEROP_CONTROL_URL")
export const node = process.execPath

// Tokens of one workspace: all of it; only the tree below Runbooks; all of it
// without the capability to comment.
export const tokens = { owner: "ntn_test", guest: "ntn_guest", reader: "ntn_reader" }

// fault makes the emulator answer the next matching requests badly.
export async function fault(spec) {
  const response = await fetch(`${notionURL}/emulator/fault`, { method: "POST", body: JSON.stringify(spec) })
  assert.ok(response.ok, await response.text())
}

// requests returns how many requests the emulator has answered so far.
export async function requests() {
  const response = await fetch(`${notionURL}/emulator/stats`)
  return (await response.json()).requests
}

export const plain = (runs) => runs.map((run) => run.plain_text).join("")

export const text = (content) => [{ type: "text", text: { content } }]

export const paragraph = (content) => ({ type: "paragraph", paragraph: { rich_text: text(content) } })

// titleOf returns the title of a page or data source as a reader sees it.
export function titleOf(object) {
  if (object.object === "data_source") return plain(object.title)
  return plain(Object.values(object.properties).find((p) => p.type === "title").title)
}

// findPage looks a page up by its exact title.
export async function findPage(client, title) {
  const found = await client.search({ query: title, filter: { property: "object", value: "page" } })
  const page = found.results.find((result) => titleOf(result) === title)
  assert.ok(page, `search for ${title} found only ${found.results.map(titleOf)}`)
  return page
}

// within tries an assertion again until it holds or the time is over.
export async function within(ms, assertion) {
  for (const end = Date.now() + ms; ; ) {
    try {
      return await assertion()
    } catch (err) {
      if (Date.now() > end) throw err
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

// control makes something happen at the identity provider or at WorkOS, and
// returns what the Go side answers.
export async function control(what, body = {}) {
  const response = await fetch(`${controlURL}/${what}`, { method: "POST", body: JSON.stringify(body) })
  assert.ok(response.ok, `${what}: ${response.status}`)
  return response.json()
}

// offered are the tools that a client is shown, in the order of their names.
export const offered = ["append_comment", "check_citations", "create_page", "pending_writes", "query_database", "read_page", "search_notion"]

// writing are those of them that change something in Notion.
export const writing = ["append_comment", "create_page", "pending_writes"]

// quoted finds the block that has some words in an answer of search_notion.
export function quoted(answer, words) {
  for (const [page, title, , ...blocks] of answer.quoted) {
    for (const line of blocks.flatMap((block) => block.split("\n"))) {
      const [, text = "", anchor] = line.match(/^(.*) #([0-9a-f]{32})$/) ?? []
      if (words.test(text)) return { title, text, url: `${page}#${anchor}` }
    }
  }
}

// idOf is the id of a page in its address.
export const idOf = (url) => url.slice(-32)
