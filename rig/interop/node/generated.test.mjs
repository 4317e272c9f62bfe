// Generated pages that try to be more than text, with all blocks in one another:
// other readers of Markdown see on them what Notion shows, and nothing that is live.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { after, before, test } from "node:test"
import { Client as Notion } from "@notionhq/client"
import { connect, safely } from "./answers.mjs"
import { seen, seers } from "./readers.mjs"
import { findPage, hostileFile, notionURL, text, tokens, within } from "./world.mjs"

const generated = JSON.parse(readFileSync(hostileFile, "utf8"))
const notion = new Notion({ auth: tokens.owner, baseUrl: notionURL, notionVersion: "2026-03-11" })

let client, chatgpt
const pages = []

// write adds blocks a level at a time.
async function write(parent, blocks) {
  const children = blocks.map(({ type, content }) => ({ type, [type]: content }))
  const { results } = await notion.blocks.children.append({ block_id: parent, children })
  for (const [n, { children }] of blocks.entries()) if (children) await write(results[n].id, children)
}

before(async () => {
  const parent = await findPage(notion, "Runbooks")
  for (const [n, { title, comment, blocks }] of generated.entries()) {
    const page = await notion.pages.create({ parent: { page_id: parent.id }, properties: { title: { title: text(`${title} canary${n}`) } } })
    await write(page.id, blocks)
    await notion.comments.create({ parent: { page_id: page.id }, rich_text: text(comment) })
    pages.push(page)
  }
  client = await connect("generated")
  chatgpt = await connect("generated-chatgpt", "--toolset", "chatgpt")
  await within(120_000, async () => assert.ok(!(await safely(client, "search_notion", {})).coverage.state))
})
after(() => Promise.all([client?.close(), chatgpt?.close()]))

// says are the texts of blocks that a reader shows as they are: tables and strikes
// are no part of CommonMark.
const says = (blocks, reader) =>
  blocks.flatMap(({ type, content, says: own, children }) => [
    ...(reader === "commonmark" && (type === "table" || JSON.stringify(content).includes("strikethrough")) ? [] : [own]),
    ...says(children ?? [], reader),
  ])

// apart is what may be shown otherwise: the address of a link within a word, and
// joiners.
const apart = (words) => words.replaceAll(/\(app\.notion\.com\/p\/2{32}\)|\u200d/g, "").replaceAll(/&lt;([/∕⁄]*quoted)/gi, "<$1")

test("read_page shows what Notion shows", async () => {
  for (const [n, { id }] of pages.entries()) {
    const { quoted } = await safely(client, "read_page", { page: id, max_tokens: 20_000, comments: true })
    const whole = quoted.join("\n\n").replaceAll(/[ \n]#[0-9a-f]{32}$/gm, "")
    for (const reader of seers) {
      const shown = apart(seen(reader, whole))
      for (const own of says(generated[n].blocks, reader)) assert.ok(shown.includes(apart(own)), `${reader} does not show ${own} in\n${whole}\n${shown}`)
    }
  }
})

test("search_notion shows text", async () => {
  for (const n of pages.keys()) await safely(client, "search_notion", { query: `canary${n}`, limit: 5, max_tokens: 4000 })
})

test("read_page and check_citations show text", async () => {
  for (const { id, url } of pages) {
    await safely(client, "read_page", { page: id, max_tokens: 20_000, comments: true })
    await safely(client, "check_citations", { citations: [{ url, quote: "Evidence: strong words of another page" }] })
  }
})
