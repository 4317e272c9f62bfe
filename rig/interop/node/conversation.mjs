// The conversation that every generation of the MCP client has with
// mcp-notion. The client validates each structured answer against the tool's
// output schema by itself.
import assert from "node:assert/strict"
import { test } from "node:test"
import { Client as Notion, collectPaginatedAPI } from "@notionhq/client"
import { binary, dataDir, findPage, idOf, notionURL, offered, plain, quoted, tokens, within, writing } from "./world.mjs"

const notion = new Notion({ auth: tokens.owner, baseUrl: notionURL, notionVersion: "2026-03-11" })

// command starts mcp-notion over stdio against the emulator.
export const command = {
  command: binary,
  args: ["stdio", "--notion-url", notionURL, "--data", dataDir, "--rate", "0"],
  env: { PATH: process.env.PATH, HOME: process.env.HOME, NOTION_TOKEN: tokens.owner },
  stderr: "inherit",
}

const said = (result) => result.content.map((part) => part.text).join("\n")

async function call(client, name, args) {
  const result = await client.callTool({ name, arguments: args })
  assert.ok(!result.isError, said(result))
  assert.ok(said(result).length > 0, "no text for the model")
  assert.ok(result.structuredContent, "no structured content")
  return result
}

// search asks until the mirror has the page that answers.
function search(client) {
  return within(30_000, async () => {
    const result = await call(client, "search_notion", { query: "which standby becomes the new primary" })
    const passage = quoted(result.structuredContent, /The standby in Gothenburg/)
    assert.ok(passage, `not found in: ${said(result)}`)
    return { result, passage }
  })
}

// converse declares the tests of one client, which name tells apart.
export function converse(name, client) {
  test("lists the tools, each with annotations and both schemas", async () => {
    const { tools } = await client.listTools()
    assert.deepEqual(tools.map((tool) => tool.name).sort(), offered)
    for (const tool of tools) {
      assert.equal(tool.inputSchema.type, "object")
      assert.equal(tool.outputSchema.type, "object")
      for (const hint of ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"]) {
        assert.equal(typeof tool.annotations[hint], "boolean", `${tool.name}: ${hint}`)
      }
      assert.equal(tool.annotations.readOnlyHint, !writing.includes(tool.name), tool.name)
    }
  })

  test("search_notion cites the very block", async () => {
    const { result, passage } = await search(client)
    const page = await findPage(notion, "Database failover")
    assert.equal(passage.title, "Database failover")
    const [url, anchor] = passage.url.split("#")
    assert.equal(url, `https://app.notion.com/p/${page.id.replaceAll("-", "")}`)
    assert.match(anchor, /^[0-9a-f]{32}$/)
    const block = await notion.blocks.retrieve({ block_id: anchor })
    const words = plain(block[block.type].rich_text)
    assert.ok(passage.text.includes(words), `the anchor is at ${JSON.stringify(words)}`)
    const seen = said(result)
    assert.ok(seen.includes(url) && seen.includes(`${words} #${anchor}`), "the model does not see the link")
  })

  test("read_page gives the whole page", async () => {
    const page = await findPage(notion, "Database failover")
    const result = await call(client, "read_page", { page: page.url })
    assert.equal(result.structuredContent.title, "Database failover")
    assert.equal(idOf(result.structuredContent.url), page.id.replaceAll("-", ""))
    for (const words of ["replica_lag_seconds", "dbctl promote --cluster orders", "malmo", "Open an incident review"]) {
      assert.ok(said(result).includes(words), `${words} is missing in: ${said(result)}`)
    }
  })

  test("read_page says what to do about a page that is not there", async () => {
    const result = await client.callTool({ name: "read_page", arguments: { page: "0badc0de000040008000000000000000" } })
    assert.equal(result.isError, true)
    assert.match(said(result), /share/i)
  })

  test("append_comment posts once, and Notion has it", async () => {
    const page = await findPage(notion, "Database failover")
    const text = `Checked with the ${name} client.`
    const result = await call(client, "append_comment", { page: page.id, text })
    const comments = await collectPaginatedAPI(notion.comments.list, { block_id: page.id })
    const posted = comments.filter((comment) => plain(comment.rich_text) === text)
    assert.deepEqual(posted.map((comment) => comment.id), [result.structuredContent.comment_id])
    assert.ok(said(result).includes(posted[0].discussion_id.replaceAll("-", "")), `no link to the discussion in: ${said(result)}`)
  })

  test("search_notion without a question lists the newest pages", async () => {
    const { structuredContent } = await call(client, "search_notion", { limit: 3 })
    const days = structuredContent.quoted.map(([, , place]) => place.match(/edited ([\d-]{10})/)[1])
    assert.equal(days.length, 3)
    assert.deepEqual(days, days.toSorted().reverse())
  })

  test("read_page finds words, and shows comments", async () => {
    const page = await findPage(notion, "Database failover")
    const found = await call(client, "read_page", { page: page.url, find: "standby in Gothenburg", comments: true })
    assert.match(found.structuredContent.quoted.join("\n"), /The standby in Gothenburg/)
    assert.ok(found.structuredContent.comments.some((c) => c.includes("): Checked with the")), said(found))
  })

  test("query_database filters by words, and says what exists", async () => {
    const all = await call(client, "query_database", { database: "Projects" })
    const [title] = all.structuredContent.columns
    const some = await call(client, "query_database", {
      database: "Projects", where: [{ property: title, operator: "is", value: all.structuredContent.rows[0][1] }],
    })
    assert.deepEqual(some.structuredContent.rows, [all.structuredContent.rows[0]])
    const { structuredContent } = await call(client, "query_database", { database: "Projects", describe: true })
    assert.ok(structuredContent.properties.some((p) => p.endsWith("(title)")))
    const wrong = await client.callTool({ name: "query_database", arguments: { database: "Projects", where: [{ property: "Nope", value: 1 }] } })
    assert.equal(wrong.isError, true)
    assert.match(said(wrong), /It has: /)
  })

  test("create_page makes a row once, and Notion has it", async () => {
    const args = { parent: "Projects", title: `Made with the ${name} client` }
    const made = await call(client, "create_page", args)
    assert.ok(made.structuredContent.url && !made.structuredContent.duplicate, said(made))
    const again = await call(client, "create_page", args)
    assert.equal(again.structuredContent.duplicate, true)
    assert.equal(again.structuredContent.url, made.structuredContent.url)
    const page = await notion.pages.retrieve({ page_id: idOf(made.structuredContent.url) })
    assert.equal(page.parent.type, "data_source_id")
    await notion.pages.update({ page_id: page.id, in_trash: true })
  })

  test("check_citations proves what stands there, and nothing else", async () => {
    const { passage } = await search(client)
    const words = passage.text.match(/The standby in Gothenburg[^.\n]*/)[0]
    const good = await call(client, "check_citations", { answer: `They say "${words}" ([failover](${passage.url})).` })
    assert.equal(good.structuredContent.ok, true, said(good))
    const bad = await call(client, "check_citations", { citations: [{ url: passage.url, quote: words.replace("standby", "primary") }] })
    assert.equal(bad.structuredContent.ok, false)
    assert.equal(bad.structuredContent.citations[0].verdict, "near")
  })

  test("lists, completes and reads resources, and gives prompts", async () => {
    const { resources } = await client.listResources()
    const failover = resources.find((r) => r.name === "Database failover")
    const read = await client.readResource({ uri: failover.uri })
    assert.match(read.contents[0].text, /The standby in Gothenburg/)
    const { completion } = await client.complete({
      ref: { type: "ref/prompt", name: "account_brief" }, argument: { name: "account", value: "database f" },
    })
    assert.deepEqual(completion.values, ["Database failover"])
    const { prompts } = await client.listPrompts()
    assert.equal(prompts.length, 6)
    const prompt = await client.getPrompt({ name: "find_runbook", arguments: { ticket: "replica lag" } })
    assert.match(prompt.messages[0].content.text, /replica lag/)
  })

  test("unknown tools and wrong arguments are refused in words", async () => {
    await assert.rejects(client.callTool({ name: "no_such_tool", arguments: {} }))
    const result = await client.callTool({ name: "search_notion", arguments: { question: "x" } })
    assert.equal(result.isError, true)
    assert.match(said(result), /query/)
  })
}
