// What other readers of Markdown make of the answers of the reading tools. Pages
// are written that try in every place to be more than text: nothing of theirs may
// be an image, HTML or a link that does not lead to Notion.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { after, before, test } from "node:test"
import { Client as Notion } from "@notionhq/client"
import { connect, safely } from "./answers.mjs"
import { live, readers } from "./readers.mjs"
import { findPage, notionURL, paragraph, text, tokens, within } from "./world.mjs"

const hostile = JSON.parse(readFileSync(new URL("../../../internal/markdown/testdata/hostile.json", import.meta.url), "utf8"))
const notion = new Notion({ auth: tokens.owner, baseUrl: notionURL, notionVersion: "2026-03-11" })

test("the readers see what is live", () => {
  for (const reader of Object.keys(readers)) {
    for (const [words, kind] of [
      ["![a](https://evil.example)", "image"], ["[a](https://evil.example)", "link"], ["<b>x</b>", "HTML"], ["<!-- x -->", "HTML"],
      ["[x]: https://evil.example\n\n[x]", "link"], ["<https://evil.example>", "link"],
    ]) {
      assert.ok(live(reader, words).some((found) => found.startsWith(kind)), `${reader} takes ${words} for text`)
    }
    assert.deepEqual(live(reader, "*a* `<b>` [c](https://app.notion.com/p/22222222222222222222222222222222)"), [], reader)
  }
})

// blocks have the words wherever a page has words.
function blocks(words, page) {
  const rich_text = text(words)
  const parts = [0, 1, 2].map((i) => words.slice(Math.ceil((i * words.length) / 3), Math.ceil(((i + 1) * words.length) / 3)))
  const styled = (change) => parts.filter(Boolean).map((content, i) => (i === 1 ? change({ type: "text", text: { content } }) : { type: "text", text: { content } }))
  const lead = (url) => styled((run) => ({ ...run, text: { ...run.text, link: { url } } }))
  return [
    ...["heading_2", "paragraph", "bulleted_list_item", "numbered_list_item", "quote", "to_do", "toggle", "callout"].map((type) => ({ type, [type]: { rich_text } })),
    { type: "bulleted_list_item", bulleted_list_item: { rich_text, children: [{ type: "quote", quote: { rich_text } }, paragraph(words)] } },
    { type: "code", code: { rich_text, language: "plain text", caption: rich_text } },
    { type: "equation", equation: { expression: words } },
    { type: "table", table: { table_width: 2, has_column_header: true, children: [0, 1].map(() => ({ type: "table_row", table_row: { cells: [rich_text, rich_text] } })) } },
    { type: "bookmark", bookmark: { url: "https://evil.example/bookmark", caption: rich_text } },
    { type: "image", image: { type: "external", external: { url: "https://evil.example/px.png" }, caption: rich_text } },
    ...[lead("https://evil.example/href"), lead(page.url), styled((run) => ({ ...run, annotations: { bold: true } })), styled((run) => ({ ...run, annotations: { code: true } }))]
      .map((runs) => ({ type: "paragraph", paragraph: { rich_text: runs } })),
  ]
}

let client, chatgpt
const pages = []

before(async () => {
  const parent = await findPage(notion, "Runbooks")
  const { results: [table] } = await notion.search({ query: "Projects", filter: { property: "object", value: "data_source" } })
  for (const [n, words] of hostile.entries()) {
    const page = await notion.pages.create({
      parent: { page_id: parent.id },
      properties: { title: { title: text(`${words} ${n}`) } },
      children: [paragraph(`canary ${n}`), ...blocks(words, parent)],
    })
    await notion.comments.create({ parent: { page_id: page.id }, rich_text: text(words) })
    await notion.pages.create({
      parent: { data_source_id: table.id },
      properties: { Name: { title: text(words) }, Notes: { rich_text: text(words) }, Tags: { multi_select: [{ name: words.replaceAll(",", " ").slice(0, 100) }] } },
    })
    pages.push(page)
  }
  client = await connect("markdown")
  chatgpt = await connect("chatgpt", "--toolset", "chatgpt")
})
after(() => Promise.all([client?.close(), chatgpt?.close()]))

const safe = (name, args, by = client) => safely(by, name, args)

test("search_notion shows text", async () => {
  await within(60_000, async () => assert.ok(!(await safe("search_notion", {})).coverage.state))
  for (const n of pages.keys()) await safe("search_notion", { query: `canary ${n}`, limit: 5 })
  for (const query of ["evil", "leak click report", "note definition", "code", "heading quoted"]) {
    await safe("search_notion", { query, limit: 20, max_tokens: 8000 })
  }
})

test("read_page shows text", async () => {
  for (const { id } of pages) {
    await safe("read_page", { page: id, max_tokens: 20_000, comments: true })
    await safe("read_page", { page: id, find: "evil canary" })
  }
})

test("check_citations shows text", async () => {
  for (const [n, { url }] of pages.entries()) await safe("check_citations", { citations: [{ url, quote: `${hostile[n]} of another page` }] })
})

test("query_database shows text", async () => {
  const { rows } = await safe("query_database", { database: "Projects", limit: 100 })
  assert.ok(rows.length >= hostile.length)
  await safe("query_database", { database: "Projects", describe: true })
})

test("search and fetch show text", async () => {
  await within(60_000, async () => assert.ok((await safe("search", { query: "canary 1" }, chatgpt)).results.length > 0))
  for (const { id } of pages) await safe("fetch", { id }, chatgpt)
  for (const query of ["evil", "leak click report", "heading quoted"]) await safe("search", { query }, chatgpt)
})
