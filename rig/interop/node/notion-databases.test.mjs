// The official JavaScript SDK of the Notion API against databases of the
// emulator: filters, sorts and values of every type of property. Every request
// is also held against the types that the SDK declares.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import path from "node:path"
import { test } from "node:test"
import { APIErrorCode, APIResponseError, Client, collectPaginatedAPI, isFullDatabase, iteratePaginatedAPI, LogLevel } from "@notionhq/client"
import { complaints } from "./types.mjs"
import { plain, text, titleOf, tokens, typesURL } from "./world.mjs"

const notion = new Client({ auth: tokens.owner, baseUrl: typesURL, notionVersion: "2026-03-11", logLevel: LogLevel.ERROR })
const sdk = path.join(path.dirname(createRequire(import.meta.url).resolve("@notionhq/client/package.json")), "build", "src", "index")

// sent are requests that the SDK's types must allow.
const sent = []
const typed = (type, value) => {
  sent.push({ type, value })
  return value
}
const query = (args) => notion.dataSources.query(typed("QueryDataSourceParameters", args))
const create = (args) => notion.pages.create(typed("CreatePageParameters", args))
const update = (args) => notion.pages.update(typed("UpdatePageParameters", args))

const sources = Object.fromEntries(
  (await notion.search({ filter: { property: "object", value: "data_source" } })).results.map((source) => [titleOf(source), source]),
)
const deals = { data_source_id: sources.Deals.id }
const rows = async (source) => (await notion.dataSources.query({ data_source_id: sources[source].id })).results
const ids = Object.fromEntries([
  ...(await collectPaginatedAPI(notion.users.list, {})).map((user) => [user.name, user.id]),
  ...[...(await rows("Deals")), ...(await rows("Accounts"))].map((row) => [titleOf(row), row.id]),
])

async function refused(call, message) {
  await assert.rejects(call, (err) => {
    assert.ok(APIResponseError.isAPIResponseError(err), `${err}`)
    assert.equal(err.code, APIErrorCode.ValidationError)
    assert.match(err.message, message)
    return true
  })
}

test("every filter of every type finds its rows", async (t) => {
  const file = readFileSync(new URL("../../../emulator/sample/filters.txt", import.meta.url), "utf8")
  const lines = file.split("\n").filter((line) => line.includes("\t"))
  for (const line of lines) {
    const [want, words] = line.split("\t")
    // Ann Lee asks in the file, and a bot here.
    const filter = JSON.parse(words.replace('"me"', '"<Ann Lee>"').replace(/<([^>]+)>/g, (_, name) => ids[name]))
    const found = await query({ ...deals, filter })
    assert.equal(found.results.map((row) => titleOf(row)[0]).join(""), want.replace("-", ""), words)
    assert.deepEqual(found.request_status, { type: "complete" })
  }
  t.diagnostic(`${lines.length} filters`)
  assert.ok(lines.length > 150)
})

test("filters that do not fit are refused", async () => {
  const ask = (filter) => notion.dataSources.query({ ...deals, filter })
  await refused(ask({ property: "Stage", select: { equals: "Won" } }), /database property status does not match filter select/)
  await refused(ask({ property: "Stage", status: { equals: "Lost" } }), /Available options: "New", "Proposal", "Won"/)
  await refused(ask({ property: "Value", number: { equals: "1" } }), /body\.filter\.number\.equals should be a number/)
  await refused(ask({ and: [{ property: "Due", date: { past_decade: {} } }] }), /body\.filter\.and\[0\]\.date\.past_decade should be not present/)
  await refused(notion.dataSources.query({ ...deals, sorts: [{ property: "Nope", direction: "ascending" }] }), /sort property/)
})

test("sorts, filter_properties, cursors and the trash", async () => {
  const sorted = await query({ ...deals, sorts: [{ property: "Number", direction: "descending" }, { timestamp: "created_time", direction: "ascending" }] })
  assert.deepEqual(sorted.results.map(titleOf), ["Gamma", "Beta", "Alpha"])
  const few = await query({ ...deals, filter_properties: ["title", sources.Deals.properties.Value.id] })
  assert.deepEqual(Object.keys(few.results[0].properties).sort(), ["Name", "Value"])
  const all = []
  for await (const row of iteratePaginatedAPI(notion.dataSources.query, { ...deals, page_size: 2 })) all.push(titleOf(row))
  assert.deepEqual(all, ["Alpha", "Beta", "Gamma"])
  assert.deepEqual((await query({ ...deals, in_trash: true })).results, [])
})

test("one database holds two data sources", async () => {
  const database = await notion.databases.retrieve({ database_id: sources.Deals.parent.database_id })
  assert.ok(isFullDatabase(database))
  assert.equal(plain(database.title), "Pipeline")
  assert.deepEqual(database.data_sources, [
    { id: sources.Accounts.id, name: "Accounts" },
    { id: sources.Deals.id, name: "Deals" },
  ])
})

test("a row is created and updated with a value of every type that takes one", async () => {
  const value = {
    Name: { title: text("Delta") },
    Note: { rich_text: text("As agreed") },
    Value: { number: 12.5 },
    Site: { url: "https://example.com/d" },
    Mail: { email: "d@example.com" },
    Phone: { phone_number: "+49 1" },
    Signed: { checkbox: true },
    Stage: { status: { name: "Proposal" } },
    Size: { select: { name: "Huge" } },
    Tags: { multi_select: [{ name: "Green" }, { name: "New" }] },
    Due: { date: { start: "2026-07-01T09:00:00+02:00", end: "2026-07-01T10:00:00+02:00" } },
    Owner: { people: [{ object: "user", id: ids["Bob Ray"] }] },
    Account: { relation: [{ id: ids.Maple }] },
    Contract: { files: [{ name: "d.pdf", external: { url: "https://example.com/d.pdf" } }] },
    Checked: { verification: { state: "verified", date: { start: "2026-03-01", end: "2026-09-01" } } },
  }
  const made = await create({ parent: { data_source_id: sources.Deals.id }, icon: { emoji: "🌱" }, properties: value })
  const p = (await notion.pages.retrieve({ page_id: made.id })).properties
  assert.deepEqual(p, made.properties)
  assert.equal(titleOf(made), "Delta")
  assert.deepEqual([plain(p.Note.rich_text), p.Value.number, p.Site.url, p.Mail.email, p.Phone.phone_number, p.Signed.checkbox],
    ["As agreed", 12.5, "https://example.com/d", "d@example.com", "+49 1", true])
  assert.deepEqual([p.Stage.status.name, p.Size.select.name, p.Tags.multi_select.map((o) => o.name)], ["Proposal", "Huge", ["Green", "New"]])
  assert.deepEqual(p.Due.date, { start: "2026-07-01T09:00:00.000+02:00", end: "2026-07-01T10:00:00.000+02:00", time_zone: null })
  assert.deepEqual([p.Owner.people[0].name, p.Account.relation, p.Contract.files[0].external.url], ["Bob Ray", [{ id: ids.Maple }], "https://example.com/d.pdf"])
  assert.equal(p.Checked.verification.state, "verified")
  assert.deepEqual([p.Number.unique_id, p["Made by"].created_by.id], [{ prefix: "DEAL", number: 13 }, (await notion.users.me({})).id])
  const mine = await query({ ...deals, filter: { and: [{ property: "Made by", created_by: { contains: "me" } }, { property: "Size", select: { equals: "Huge" } }] } })
  assert.deepEqual(mine.results.map(titleOf), ["Delta"])

  const empty = {
    Note: { rich_text: [] }, Value: { number: null }, Site: { url: null }, Mail: { email: null }, Phone: { phone_number: null }, Signed: { checkbox: false },
    Stage: { status: null }, Size: { select: null }, Tags: { multi_select: [] }, Due: { date: null }, Owner: { people: [] }, Account: { relation: [] },
    Contract: { files: [] }, Checked: { verification: { state: "unverified" } },
  }
  const emptied = await update({ page_id: made.id, properties: empty })
  const gamma = (await rows("Deals")).find((row) => titleOf(row) === "Gamma").properties
  for (const name of Object.keys(empty)) assert.deepEqual(emptied.properties[name], gamma[name], name)
  await update({ page_id: made.id, in_trash: true })
})

test("values that do not fit are refused", async () => {
  const put = (properties) => notion.pages.update({ page_id: ids.Alpha, properties })
  await refused(put({ Nope: { number: 1 } }), /Nope is not a property that exists/)
  await refused(put({ Value: { number: "1" } }), /body\.properties\.Value\.number should be a number/)
  await refused(put({ Stage: { status: { name: "Lost" } } }), /Status option "Lost" does not exist/)
  await refused(put({ Weighted: { formula: { number: 1 } } }), /cannot be set/)
  await refused(put({ Note: { rich_text: text("x".repeat(2001)) } }), /length should be ≤ `2000`, instead was `2001`/)
  await refused(put({ Due: { date: { start: "tomorrow" } } }), /body\.properties\.Due\.date\.start/)
})

test("pages.properties.retrieve pages through what a page holds", async () => {
  const alpha = (await rows("Deals")).find((row) => titleOf(row) === "Alpha")
  const retrieve = (name, more) => notion.pages.properties.retrieve({ page_id: alpha.id, property_id: alpha.properties[name].id, ...more })
  for (const [name, kind] of [["Account", "relation"], ["Owner", "people"], ["ARRs", "number"], ["Total", "relation"]]) {
    const first = await retrieve(name, { page_size: 1 })
    assert.equal(first.object, "list")
    assert.ok(first.has_more && first.property_item.next_url.includes(first.next_cursor), name)
    const second = await retrieve(name, { page_size: 1, start_cursor: first.next_cursor })
    assert.equal(second.has_more, false)
    assert.notDeepEqual(first.results[0][kind], second.results[0][kind])
  }
  assert.deepEqual((await retrieve("Total", { page_size: 1 })).property_item.rollup, { type: "incomplete", incomplete: {}, function: "sum" })
  assert.equal((await retrieve("Total")).property_item.rollup.number, 1500)
  const { request_id: id, ...one } = await retrieve("Weighted")
  assert.deepEqual(one, { object: "property_item", id: alpha.properties.Weighted.id, type: "formula", formula: { type: "number", number: 600 } })
})

test("users are listed and retrieved", async () => {
  const all = await collectPaginatedAPI(notion.users.list, { page_size: 2 })
  assert.deepEqual(all.map((user) => user.name).sort(), ["Ann Lee", "Bob Ray", "Owner", "Workspace Owner"])
  const { request_id: id, ...ann } = await notion.users.retrieve({ user_id: ids["Ann Lee"] })
  assert.deepEqual(ann, all.find((user) => user.name === "Ann Lee"))
})

test("every request has the declared type", () => {
  const found = complaints("requests", sdk, sent)
  assert.equal(found.length, 0, found.join("\n\n"))
  const wrong = [
    { type: "QueryDataSourceParameters", value: { ...deals, filter: { property: "Value", number: { contains: 1 } } } },
    { type: "CreatePageParameters", value: { parent: deals, properties: { Value: { number: "1" } } } },
  ]
  assert.equal(complaints("wrong", sdk, wrong).length, 2)
})
