// The official SDKs of Notion and of WorkOS verify the webhooks that mcp-notion's
// stand-ins for the two send, and sign webhooks that mcp-notion takes.
import assert from "node:assert/strict"
import { once } from "node:events"
import { createServer } from "node:http"
import { createRequire } from "node:module"
import path from "node:path"
import { after, test } from "node:test"
import { signWebhookPayload, verifyWebhookSignature } from "@notionhq/client"
import { WorkOS } from "@workos-inc/node"
import { complaints } from "./types.mjs"
import { control, mcpURL, notionURL, within, workosKey } from "./world.mjs"

// What was sent, by path, as it came over the wire.
const came = { "/notion": [], "/workos": [] }
const server = createServer(async (request, response) => {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  came[request.url].push({ body: Buffer.concat(chunks).toString(), headers: request.headers })
  response.end()
})
server.listen(0, "127.0.0.1")
await once(server, "listening")
after(() => server.close())
const here = `http://127.0.0.1:${server.address().port}`

const emulator = async (what, body) => {
  const response = await fetch(`${notionURL}/emulator/${what}`, { method: "POST", body: JSON.stringify(body) })
  assert.ok(response.ok, `${what}: ${await response.text()}`)
}
const packageOf = (name, ...file) => path.join(path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), ...file)

test("Notion's webhooks: the handshake, signatures and types", async () => {
  await emulator("subscribe", { url: `${here}/notion` })
  const { verification_token: verificationToken } = JSON.parse(came["/notion"][0].body)
  assert.match(verificationToken, /^secret_\w{43}$/)
  await emulator("verify", { token: verificationToken })
  await emulator("add", { path: "Hooked.md", markdown: "# Hooked\n\nText.\n" })
  await emulator("edit", { path: "Hooked.md", markdown: "# Hooked\n\nOther text.\n" })
  await emulator("add", { path: "Hooked/Below.md", markdown: "# Below\n" })
  await emulator("move", { path: "Hooked/Below.md", parent: "" })
  await emulator("trash", { path: "Hooked/Below.md" })
  await emulator("restore", { path: "Hooked/Below.md" })
  const types = {
    "page.created": "PageCreatedWebhookPayload",
    "page.content_updated": "PageContentUpdatedWebhookPayload",
    "page.moved": "PageMovedWebhookPayload",
    "page.deleted": "PageDeletedWebhookPayload",
    "page.undeleted": "PageUndeletedWebhookPayload",
  }
  await within(10_000, () => {
    const seen = new Set(came["/notion"].map(({ body }) => JSON.parse(body).type))
    for (const type of Object.keys(types)) assert.ok(seen.has(type), `no ${type} came`)
  })
  const letters = came["/notion"].slice(1)
  for (const { body, headers } of letters) {
    const signature = headers["x-notion-signature"]
    assert.ok(await verifyWebhookSignature({ body, signature, verificationToken }))
    assert.ok(!(await verifyWebhookSignature({ body: `${body} `, signature, verificationToken })))
    assert.ok(!(await verifyWebhookSignature({ body, signature, verificationToken: "secret_of_another" })))
  }
  const values = letters.map(({ body }) => JSON.parse(body))
  const untyped = "page.permissions_updated" // which comes with a move; the SDK has no type for it
  assert.ok(values.some(({ type, accessible_by: by }) => type === untyped && Array.isArray(by)))
  const samples = values.filter(({ type }) => type !== untyped).map((value) => ({ type: types[value.type], value }))
  const found = complaints("notion-hooks", packageOf("@notionhq/client", "build", "src", "index"), samples)
  assert.equal(found.length, 0, found.join("\n\n"))
})

test("WorkOS's webhooks: signatures and types", async () => {
  const { webhooks } = new WorkOS(workosKey)
  const secret = "whsec_of_the_endpoint"
  await control("workos/webhook", { url: `${here}/workos`, secret })
  await control("workos/user", { id: "user_hooked", organizations: ["org_acme"] })
  await control("workos/account", { user: "user_hooked", organization: "org_acme", secret: "ntn_hooked" })
  await control("workos/state", { user: "user_hooked", organization: "org_acme", state: "needs_reauthorization" })
  await within(10_000, () => assert.ok(came["/workos"].length >= 2))
  const types = {
    "pipes.connected_account.connected": "PipesConnectedAccountConnectedEventResponse",
    "pipes.connected_account.reauthorization_needed": "PipesConnectedAccountReauthorizationNeededEventResponse",
  }
  const samples = []
  for (const { body, headers } of came["/workos"]) {
    const payload = JSON.parse(body)
    const event = await webhooks.constructEvent({ payload, sigHeader: headers["workos-signature"], secret })
    assert.deepEqual([event.event, event.data.userId, event.data.organizationId], [payload.event, "user_hooked", "org_acme"])
    await assert.rejects(webhooks.constructEvent({ payload, sigHeader: headers["workos-signature"], secret: "whsec_of_another" }))
    samples.push({ type: types[payload.event], value: payload })
  }
  assert.deepEqual(new Set(samples.map(({ type }) => type)), new Set(Object.values(types)))
  const found = complaints("workos-hooks", packageOf("@workos-inc/node", "lib", "index.mjs"), samples)
  assert.equal(found.length, 0, found.join("\n\n"))
})

// The secrets that mcp-notion serve was started with.
const secrets = { notion: "secret_interop_notion", workos: "whsec_interop" }
const send = async (sender, body, headers) => {
  const response = await fetch(new URL(`/webhooks/${sender}`, mcpURL), { method: "POST", body, headers })
  await response.text()
  return response.status
}

test("mcp-notion takes what the SDKs have signed, and nothing else", async () => {
  const event = came["/notion"].at(-1).body
  const signature = await signWebhookPayload({ body: event, verificationToken: secrets.notion })
  assert.equal(await send("notion", event, { "X-Notion-Signature": signature }), 200)
  assert.equal(await send("notion", `${event} `, { "X-Notion-Signature": signature }), 401)
  assert.equal(await send("notion", event, { "X-Notion-Signature": came["/notion"].at(-1).headers["x-notion-signature"] }), 401)
  const { webhooks } = new WorkOS(workosKey)
  const { body } = came["/workos"].at(-1)
  const signed = async (at, secret) => `t=${at}, v1=${await webhooks.computeSignature(at, body, secret)}`
  assert.equal(await send("workos", body, { "WorkOS-Signature": await signed(Date.now(), secrets.workos) }), 200)
  assert.equal(await send("workos", body, { "WorkOS-Signature": await signed(Date.now() - 240_000, secrets.workos) }), 401)
  assert.equal(await send("workos", body, { "WorkOS-Signature": await signed(Date.now(), "whsec_of_another") }), 401)
})
