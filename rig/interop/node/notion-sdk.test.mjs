// The official JavaScript SDK of the Notion API against the emulator: what it
// sends is accepted, and what it gets has the shapes that it expects.
import assert from "node:assert/strict"
import { test } from "node:test"
import {
  APIErrorCode,
  APIResponseError,
  Client,
  collectPaginatedAPI,
  isFullBlock,
  isFullComment,
  isFullDataSource,
  isFullPage,
  LogLevel,
} from "@notionhq/client"
import { fault, findPage, notionURL, paragraph, plain, requests, text, titleOf, tokens } from "./world.mjs"

const connect = (auth, more) => new Client({ auth, baseUrl: notionURL, notionVersion: "2026-03-11", logLevel: LogLevel.ERROR, ...more })
const notion = connect(tokens.owner)
const absent = "0badc0de-0000-4000-8000-000000000000"
const uuid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/

// refused checks that a call fails as the API would, with a request id.
async function refused(call, status, code) {
  await assert.rejects(call, (err) => {
    assert.ok(APIResponseError.isAPIResponseError(err), `${err}`)
    assert.equal(err.code, code)
    assert.equal(err.status, status)
    assert.ok(err.message.length > 0)
    assert.ok(err.request_id, "no request_id")
    return true
  })
}

const projects = async () => {
  const found = await notion.search({ query: "Projects", filter: { property: "object", value: "data_source" } })
  return found.results.find((result) => titleOf(result) === "Projects")
}

test("users.me names the bot", async () => {
  const me = await notion.users.me({})
  assert.equal(me.object, "user")
  assert.equal(me.type, "bot")
  assert.match(me.id, uuid)
})

test("search matches titles, never bodies", async () => {
  const byTitle = await notion.search({ query: "failover" })
  assert.equal(byTitle.object, "list")
  assert.equal(byTitle.type, "page_or_data_source")
  assert.deepEqual(byTitle.results.map(titleOf), ["Database failover"])
  assert.ok(isFullPage(byTitle.results[0]))
  const byBody = await notion.search({ query: "Gothenburg" })
  assert.deepEqual(byBody.results, [])
})

test("search pages with a cursor and filters by object", async () => {
  const seen = []
  let cursor
  do {
    const part = await notion.search({ page_size: 2, start_cursor: cursor, sort: { timestamp: "last_edited_time", direction: "descending" } })
    assert.ok(part.results.length <= 2)
    assert.equal(part.has_more, part.next_cursor !== null)
    seen.push(...part.results)
    cursor = part.next_cursor ?? undefined
  } while (cursor)
  assert.equal(new Set(seen.map((result) => result.id)).size, seen.length, "a result came twice")
  assert.deepEqual(new Set(seen.map((result) => result.object)), new Set(["page", "data_source"]))
  const tables = await notion.search({ filter: { property: "object", value: "data_source" } })
  assert.deepEqual(tables.results.map(titleOf), ["Projects"])
  assert.ok(isFullDataSource(tables.results[0]))
})

test("pages.retrieve gives a full page", async () => {
  const found = await findPage(notion, "Database failover")
  const page = await notion.pages.retrieve({ page_id: found.id })
  assert.ok(isFullPage(page))
  assert.match(page.id, uuid)
  assert.equal(titleOf(page), "Database failover")
  assert.equal(page.in_trash, false)
  assert.ok(!("archived" in page), "archived is gone since 2026-03-11")
  assert.ok(page.url.includes(page.id.replaceAll("-", "")), page.url)
  assert.equal(page.public_url, null)
  assert.match(page.last_edited_time, /:00\.000Z$/, "times are rounded down to the minute")
  const parent = await notion.pages.retrieve({ page_id: page.parent.page_id })
  assert.equal(titleOf(parent), "Runbooks")
})

test("blocks.children.list gives the first level alone", async () => {
  const page = await findPage(notion, "Database failover")
  const list = await notion.blocks.children.list({ block_id: page.id })
  assert.equal(list.type, "block")
  assert.ok(list.results.every(isFullBlock))
  assert.ok(list.results.every((block) => block.parent.page_id === page.id))
  const types = new Set(list.results.map((block) => block.type))
  for (const type of ["paragraph", "heading_2", "bulleted_list_item", "numbered_list_item", "code", "table"]) {
    assert.ok(types.has(type), `no ${type} among ${[...types]}`)
  }
  const code = list.results.find((block) => block.type === "code").code
  assert.equal(plain(code.rich_text), "dbctl promote --cluster orders --to gothenburg")
  const nested = list.results.filter((block) => block.type === "bulleted_list_item" && block.has_children)
  assert.equal(nested.length, 1)
  const inner = await notion.blocks.children.list({ block_id: nested[0].id })
  assert.equal(inner.results.length, 2)
  assert.deepEqual(inner.results[0].parent, { type: "block_id", block_id: nested[0].id })
})

test("a table's rows are its children", async () => {
  const page = await findPage(notion, "Database failover")
  const list = await notion.blocks.children.list({ block_id: page.id })
  const table = list.results.find((block) => block.type === "table")
  assert.equal(table.table.table_width, 3)
  assert.equal(table.table.has_column_header, true)
  const rows = await notion.blocks.children.list({ block_id: table.id })
  const cells = rows.results.map((row) => row.table_row.cells.map(plain))
  assert.deepEqual(cells, [
    ["Cluster", "Standby", "Owner"],
    ["orders", "gothenburg", "Storage"],
    ["billing", "malmo", "Storage"],
  ])
})

test("children beyond the first hundred come by cursor, in order", async () => {
  const page = await findPage(notion, "Release log")
  const first = await notion.blocks.children.list({ block_id: page.id })
  assert.equal(first.has_more, true)
  assert.ok(first.results.length <= 100)
  const all = await collectPaginatedAPI(notion.blocks.children.list, { block_id: page.id })
  const lines = all.filter((block) => block.type === "bulleted_list_item").map((block) => plain(block.bulleted_list_item.rich_text))
  const want = Array.from({ length: 240 }, (_, i) => `Release ${String(i + 1).padStart(3, "0")} went out.`)
  assert.deepEqual(lines, want)
})

test("pages.retrieveMarkdown gives the whole page", async () => {
  const page = await findPage(notion, "Database failover")
  const body = await notion.pages.retrieveMarkdown({ page_id: page.id })
  assert.equal(body.object, "page_markdown")
  assert.equal(body.truncated, false)
  assert.deepEqual(body.unknown_block_ids, [])
  assert.match(body.markdown, /The standby in Gothenburg becomes the new primary/)
  assert.match(body.markdown, /A lag above one minute/, "nested items are in it")
})

test("databases.retrieve names its data source", async () => {
  const source = await projects()
  const database = await notion.databases.retrieve({ database_id: source.parent.database_id })
  assert.equal(database.object, "database")
  assert.equal(plain(database.title), "Projects")
  assert.deepEqual(database.data_sources.map((s) => s.id), [source.id])
})

// equals is the filter for one value of a column, whatever the emulator made
// of that column of the CSV file.
function equals(source, property, value) {
  const { type } = source.properties[property]
  return { property, [type]: { equals: value } }
}

test("dataSources.query filters and sorts", async () => {
  const source = await notion.dataSources.retrieve({ data_source_id: (await projects()).id })
  assert.ok(isFullDataSource(source))
  assert.equal(source.properties.Budget.type, "number")
  const rows = await notion.dataSources.query({
    data_source_id: source.id,
    filter: equals(source, "Status", "In progress"),
    sorts: [{ property: "Budget", direction: "descending" }],
  })
  assert.deepEqual(rows.results.map(titleOf), ["Cascade", "Apollo", "Ember"])
  assert.ok(rows.results.every(isFullPage))
  assert.deepEqual(rows.results.map((row) => row.properties.Budget.number), [4500, 1200, 800])
  assert.deepEqual(rows.results[0].parent, {
    type: "data_source_id",
    data_source_id: source.id,
    database_id: source.parent.database_id,
  })
})

test("dataSources.query understands and, or and numbers", async () => {
  const source = await projects()
  const rows = await notion.dataSources.query({
    data_source_id: source.id,
    filter: {
      and: [
        { or: [equals(source, "Lead", "Grace"), equals(source, "Lead", "Ada")] },
        { property: "Budget", number: { greater_than: 500 } },
      ],
    },
    sorts: [{ property: "Budget", direction: "ascending" }],
  })
  assert.deepEqual(rows.results.map(titleOf), ["Ember", "Apollo", "Cascade"])
})

test("dataSources.query pages with a cursor", async () => {
  const source = await projects()
  const rows = await collectPaginatedAPI(notion.dataSources.query, { data_source_id: source.id, page_size: 2 })
  assert.deepEqual(rows.map(titleOf).sort(), ["Apollo", "Borealis", "Cascade", "Delta", "Ember"])
})

test("comments: on a page, on a block, and a reply", async () => {
  const page = await findPage(notion, "Runbooks")
  const onPage = await notion.comments.create({ parent: { page_id: page.id }, rich_text: text("Who owns this page?") })
  assert.ok(isFullComment(onPage))
  assert.deepEqual(onPage.parent, { type: "page_id", page_id: page.id })
  assert.equal(plain(onPage.rich_text), "Who owns this page?")
  assert.match(onPage.discussion_id, uuid)

  const reply = await notion.comments.create({ discussion_id: onPage.discussion_id, rich_text: text("Storage does.") })
  assert.equal(reply.discussion_id, onPage.discussion_id)
  const [block] = (await notion.blocks.children.list({ block_id: page.id })).results
  const onBlock = await notion.comments.create({ parent: { block_id: block.id }, rich_text: text("Spell this out.") })
  assert.deepEqual(onBlock.parent, { type: "block_id", block_id: block.id })
  assert.notEqual(onBlock.discussion_id, onPage.discussion_id)

  const ofPage = await collectPaginatedAPI(notion.comments.list, { block_id: page.id })
  assert.deepEqual(ofPage.map((comment) => comment.id), [onPage.id, reply.id], "oldest first, and none of a block")
  const ofBlock = await collectPaginatedAPI(notion.comments.list, { block_id: block.id })
  assert.deepEqual(ofBlock.map((comment) => comment.id), [onBlock.id])
  const one = await notion.comments.retrieve({ comment_id: reply.id })
  assert.equal(plain(one.rich_text), "Storage does.")

  const better = await notion.comments.update({ comment_id: reply.id, markdown: "Storage **and** network do." })
  assert.equal(plain(better.rich_text), "Storage and network do.")
  const named = await notion.comments.create({ discussion_id: reply.discussion_id, markdown: "So be it.", display_name: { type: "custom", custom: { name: "Robin" } } })
  assert.deepEqual(named.display_name, { type: "custom", resolved_name: "Robin" })
  await notion.comments.delete({ comment_id: named.id })
  await refused(notion.comments.retrieve({ comment_id: named.id }), 404, APIErrorCode.ObjectNotFound)
})

test("a page is created, appended to, updated and trashed", async () => {
  const parent = await findPage(notion, "Runbooks")
  const page = await notion.pages.create({
    parent: { page_id: parent.id },
    properties: { title: { title: text("Cache flush") } },
    children: [paragraph("First line.")],
  })
  assert.ok(isFullPage(page))
  assert.deepEqual(page.parent, { type: "page_id", page_id: parent.id })

  const appended = await notion.blocks.children.append({
    block_id: page.id,
    children: [paragraph("Last line."), { type: "to_do", to_do: { rich_text: text("Tell support."), checked: false } }],
  })
  assert.equal(appended.results.length, 2)
  const [first] = (await notion.blocks.children.list({ block_id: page.id })).results
  await notion.blocks.children.append({
    block_id: page.id,
    children: [paragraph("Second line.")],
    position: { type: "after_block", after_block: { id: first.id } },
  })
  const lines = (await notion.blocks.children.list({ block_id: page.id })).results.map((block) => plain(block[block.type].rich_text))
  assert.deepEqual(lines, ["First line.", "Second line.", "Last line.", "Tell support."])

  const updated = await notion.pages.update({ page_id: page.id, properties: { title: { title: text("Cache purge") } } })
  assert.equal(titleOf(updated), "Cache purge")
  const edited = await notion.blocks.update({ block_id: first.id, paragraph: { rich_text: text("First line, edited.") } })
  assert.equal(plain(edited.paragraph.rich_text), "First line, edited.")

  const trashed = await notion.pages.update({ page_id: page.id, in_trash: true })
  assert.equal(trashed.in_trash, true)
  assert.equal((await notion.pages.retrieve({ page_id: page.id })).in_trash, true)
  assert.deepEqual((await notion.search({ query: "Cache purge" })).results, [])
  const inTrash = await notion.search({ query: "Cache purge", filter: { property: "object", value: "page", in_trash: true } })
  assert.deepEqual(inTrash.results.map((result) => result.id), [page.id])
})

test("a row is created with typed properties", async () => {
  const source = await projects()
  const row = await notion.pages.create({
    parent: { data_source_id: source.id },
    properties: { Name: { title: text("Fjord") }, Budget: { number: 42 } },
  })
  assert.equal(row.properties.Budget.number, 42)
  const found = await notion.dataSources.query({ data_source_id: source.id, filter: { property: "Budget", number: { equals: 42 } } })
  assert.deepEqual(found.results.map(titleOf), ["Fjord"])
  await notion.pages.update({ page_id: row.id, in_trash: true })
})

test("unauthorized: a token that nobody issued", () => refused(connect("ntn_wrong").users.me({}), 401, APIErrorCode.Unauthorized))

test("object_not_found: absent and not shared look the same", async () => {
  await refused(notion.pages.retrieve({ page_id: absent }), 404, APIErrorCode.ObjectNotFound)
  const hidden = await findPage(notion, "Salary bands")
  const guest = connect(tokens.guest)
  await refused(guest.pages.retrieve({ page_id: hidden.id }), 404, APIErrorCode.ObjectNotFound)
  await refused(guest.blocks.children.list({ block_id: hidden.id }), 404, APIErrorCode.ObjectNotFound)
  assert.deepEqual((await guest.search({ query: "Salary" })).results, [])
  assert.equal(titleOf(await findPage(guest, "Database failover")), "Database failover", "below a shared page all is shared")
})

test("validation_error: ids, sizes and bodies that the API refuses", async () => {
  const page = await findPage(notion, "Runbooks")
  await refused(notion.pages.retrieve({ page_id: "not-an-id" }), 400, APIErrorCode.ValidationError)
  await refused(notion.blocks.children.list({ block_id: page.id, page_size: 101 }), 400, APIErrorCode.ValidationError)
  await refused(notion.search({ filter: { property: "object", value: "database" } }), 400, APIErrorCode.ValidationError)
  await refused(notion.comments.create({ parent: { page_id: page.id }, rich_text: text("x".repeat(2001)) }), 400, APIErrorCode.ValidationError)
  const tooMany = Array.from({ length: 101 }, () => paragraph("x"))
  await refused(notion.blocks.children.append({ block_id: page.id, children: tooMany }), 400, APIErrorCode.ValidationError)
  const source = await projects()
  const filter = { property: "No such column", rich_text: { equals: "x" } }
  await refused(notion.dataSources.query({ data_source_id: source.id, filter }), 400, APIErrorCode.ValidationError)
})

test("restricted_resource: a token without the capability", async () => {
  const reader = connect(tokens.reader)
  const page = await findPage(reader, "Runbooks")
  await refused(reader.comments.create({ parent: { page_id: page.id }, rich_text: text("no") }), 403, APIErrorCode.RestrictedResource)
  await refused(reader.blocks.children.append({ block_id: page.id, children: [paragraph("no")] }), 403, APIErrorCode.RestrictedResource)
})

test("missing_version: no Notion-Version", async () => {
  const response = await fetch(`${notionURL}/v1/users/me`, { headers: { Authorization: `Bearer ${tokens.owner}` } })
  assert.equal(response.status, 400)
  assert.equal((await response.json()).code, "missing_version")
})

test("rate_limited: the SDK waits for Retry-After and succeeds, also when writing", async () => {
  const page = await findPage(notion, "Runbooks")
  for (const [method, route, call] of [
    ["GET", "/v1/pages/{id}", () => notion.pages.retrieve({ page_id: page.id })],
    ["POST", "/v1/search", () => notion.search({ query: "Runbooks" })],
    ["POST", "/v1/comments", () => notion.comments.create({ parent: { page_id: page.id }, rich_text: text("Once.") })],
  ]) {
    await fault({ method, route, status: 429, retry_after: 1, times: 1 })
    const before = await requests()
    const begin = performance.now()
    await call()
    const took = performance.now() - begin
    assert.ok(took >= 950 && took < 5000, `${method} ${route} took ${took} ms`)
    assert.equal((await requests()) - before, 2)
  }
  const comments = await collectPaginatedAPI(notion.comments.list, { block_id: page.id })
  assert.equal(comments.filter((comment) => plain(comment.rich_text) === "Once.").length, 1)
})

test("rate_limited: without retries the error says so", async () => {
  await fault({ method: "GET", route: "/v1/users/me", status: 429, retry_after: 7, times: 1 })
  await assert.rejects(connect(tokens.owner, { retry: false }).users.me({}), (err) => {
    assert.equal(err.code, APIErrorCode.RateLimited)
    assert.equal(err.status, 429)
    assert.equal(err.headers.get("retry-after"), "7")
    return true
  })
})

test("service_overload: 529 is retried too", async () => {
  await fault({ method: "POST", route: "/v1/search", status: 529, retry_after: 1, times: 1 })
  assert.equal(titleOf(await findPage(notion, "Runbooks")), "Runbooks")
})

test("an older version of the API keeps its words", async () => {
  const older = connect(tokens.owner, { notionVersion: "2025-09-03" })
  const page = await findPage(older, "Runbooks")
  assert.equal(page.archived, false)
  assert.equal(page.in_trash, false)
})
