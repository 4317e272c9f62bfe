// What people meet who use mcp-notion over HTTP, with every generation of the
// MCP client: they log in, call the tools, lack a scope, connect Notion.
import assert from "node:assert/strict"
import { test } from "node:test"
import { Client as Notion, collectPaginatedAPI } from "@notionhq/client"
import { browse, challenge, claims, recorder, scopes, Wallet } from "./login.mjs"
import { control, findPage, mcpURL, notionURL, offered, plain, tokens, within, workosURL } from "./world.mjs"

const notion = new Notion({ auth: tokens.owner, baseUrl: notionURL, notionVersion: "2026-03-11" })
const search = { name: "search_notion", arguments: { query: "which standby becomes the new primary" } }
const said = (result) => result.content.map((part) => part.text).join("\n")
const ours = (scope) => scope.split(" ").filter((one) => one.startsWith("notion:"))
const paths = (seen) => seen.map(({ method, url }) => `${method} ${url.pathname}`)

// A generation is {name, revision, Client, Transport, UnauthorizedError,
// options, finish}: the classes, what else a Client is told, and how a transport
// learns what the browser came back with.
export function people(generation) {
  const newClient = (capabilities = {}) => new generation.Client({ name: "interop", version: "1.0.0" }, { ...generation.options, capabilities })
  const newTransport = (options) => new generation.Transport(new URL(mcpURL), options)

  // enter connects a client that may have to log in first.
  async function enter(client, wallet, record = recorder()) {
    const options = { authProvider: wallet, fetch: record.fetch }
    const first = newTransport(options)
    try {
      await client.connect(first)
    } catch (err) {
      assert.ok(err instanceof generation.UnauthorizedError || err.cause instanceof generation.UnauthorizedError, err)
      await generation.finish(first, wallet.callback)
      await client.connect(newTransport(options))
    }
    return record.seen
  }

  // withToken connects a client that was given a token.
  async function withToken(client, what) {
    const token = await control("token", what)
    await client.connect(newTransport({ requestInit: { headers: { Authorization: `Bearer ${token}` } } }))
    return client
  }

  test("logs in by the metadata alone", async (t) => {
    await control("user", { id: "user_connected" })
    const wallet = new Wallet()
    const client = newClient()
    t.after(() => client.close())
    const seen = await enter(client, wallet)

    const issuer = wallet.authorized[0].origin
    assert.deepEqual([seen[0].status, paths(seen).slice(0, 2)], [401, ["POST /mcp", "GET /.well-known/oauth-protected-resource/mcp"]])
    assert.match(seen[0].headers.get("www-authenticate"), /^Bearer resource_metadata="[^"]+\/\.well-known\/oauth-protected-resource\/mcp", scope="notion:read"$/)
    const asked = seen.filter(({ url }) => url.origin === issuer)
    assert.deepEqual(paths(asked), ["GET /.well-known/oauth-authorization-server", "POST /register", "POST /token"])
    assert.deepEqual(asked.map(({ status }) => status), [200, 201, 200])

    const authorize = wallet.authorized[0].searchParams
    assert.equal(wallet.authorized.length, 1)
    assert.equal(authorize.get("code_challenge_method"), "S256")
    assert.equal(authorize.get("resource"), mcpURL)
    // What the challenge names; some add their own wish for a refresh token.
    assert.deepEqual(ours(authorize.get("scope")), [scopes.read])
    const redeemed = new URLSearchParams(asked[2].body)
    assert.equal(redeemed.get("resource"), mcpURL)
    assert.ok(redeemed.get("code_verifier"))
    const token = claims(wallet.kept.tokens.access_token)
    assert.deepEqual([token.aud, token.sub, ...ours(token.scope)], [mcpURL, "user_connected", scopes.read])
    assert.equal((await client.listTools()).tools.length, offered.length)
    for (const { url } of seen) assert.equal(url.searchParams.get("access_token"), null, "a token in a URL")
  })

  test("a token that has ended is replaced, without its user", async (t) => {
    await control("user", { id: "user_connected" })
    const wallet = new Wallet()
    const client = newClient()
    t.after(() => client.close())
    await enter(client, wallet)
    const ended = await control("token", { sub: "user_connected", scope: scopes.read, exp: 1 })
    wallet.kept.tokens = { ...wallet.kept.tokens, access_token: ended }
    assert.ok(!(await client.callTool(search)).isError)
    assert.notEqual(wallet.kept.tokens.access_token, ended)
    assert.equal(wallet.authorized.length, 1, "the user was asked again")
  })

  test("a token that is not good for comments is refused by name of all scopes", async (t) => {
    const page = await findPage(notion, "Database failover")
    const token = await control("token", { sub: "user_connected", scope: scopes.read })
    const call = { method: "tools/call", params: { name: "append_comment", arguments: { page: page.id, text: "Not allowed." } } }
    const first = await challenge(undefined, call)
    assert.equal(first.status, 401)
    assert.match(first.authenticate, /scope="notion:read notion:comment"/, "without a token the same are named")
    const { status, authenticate } = await challenge(token, call)
    assert.equal(status, 403)
    assert.match(authenticate, /error="insufficient_scope"/)
    assert.match(authenticate, /scope="notion:read notion:comment"/)
    assert.match(authenticate, /resource_metadata="/)

    const client = await withToken(newClient(), { sub: "user_connected", scope: scopes.read })
    t.after(() => client.close())
    assert.ok(!(await client.callTool(search)).isError)
    await assert.rejects(client.callTool(call.params), /403|insufficient|scope/i)
    const comments = await collectPaginatedAPI(notion.comments.list, { block_id: page.id })
    assert.deepEqual(comments.filter((c) => plain(c.rich_text) === "Not allowed."), [])
  })

  test("a client that lacks a scope asks its user for it, and goes on", async (t) => {
    await control("user", { id: "user_connected" })
    const page = await findPage(notion, "Database failover")
    const token = await control("token", { sub: "user_connected", scope: scopes.read })
    const less = { access_token: token, token_type: "Bearer", scope: scopes.read, issuer: claims(token).iss }
    const wallet = new Wallet(less)
    const client = newClient()
    t.after(() => client.close())
    await enter(client, wallet)
    assert.equal(wallet.authorized.length, 0, "the token was good enough to begin with")

    const comment = { name: "append_comment", arguments: { page: page.id, text: `Allowed to the ${generation.name} client.` } }
    await assert.rejects(client.callTool(comment))
    assert.equal(wallet.authorized.length, 1)
    const asked = wallet.authorized[0].searchParams.get("scope").split(" ")
    assert.ok(asked.includes(scopes.read) && asked.includes(scopes.comment), `asked for ${asked}`)
    await generation.finish(client.transport, wallet.callback)
    const result = await client.callTool(comment)
    assert.ok(!result.isError, said(result))
    const comments = await collectPaginatedAPI(notion.comments.list, { block_id: page.id })
    assert.equal(comments.filter((c) => plain(c.rich_text) === comment.arguments.text).length, 1)
  })

  test("who is not connected is given a link in words", async (t) => {
    await control("user", { id: "user_words" })
    const client = await withToken(newClient(), { sub: "user_words", scope: scopes.read })
    t.after(() => client.close())
    const result = await client.callTool(search)
    assert.equal(result.isError, true)
    const link = /\S+\/connect\?link=\S+/.exec(said(result))
    assert.ok(link, said(result))
    assert.ok(!said(result).includes(workosURL), "the broker's own link is in the answer")
  })

  test("who is not connected is asked to open a link, and is answered after that", async (t) => {
    await control("user", { id: `user_${generation.name}` })
    const client = await withToken(newClient({ elicitation: { url: {} } }), { sub: `user_${generation.name}`, scope: scopes.read })
    t.after(() => client.close())
    const opened = []
    const open = async ({ mode, url, message }) => {
      assert.equal(mode, "url")
      assert.match(message, /Notion/)
      assert.ok(url.startsWith(`${new URL(mcpURL).origin}/connect?link=`), url)
      opened.push(await browse(url))
    }
    const result = await generation.elicited(client, search, open)
    assert.ok(!result.isError, said(result))
    await within(60_000, async () => assert.match(said(await client.callTool(search)), /The standby in Gothenburg/)) // once it has been read
    assert.equal(opened.length, 1, opened.map(({ way }) => way.join(" -> ")).join("\n"))

    const [{ way, status, text }] = opened
    assert.equal(status, 200)
    assert.match(text, /Notion is connected/)
    const broker = new URL(workosURL).origin
    assert.deepEqual(way.map((url) => (url.origin === broker ? "broker" : url.pathname)),
      ["/connect", "/authorize", "/connect/callback", "broker", "/connect/done"])
    // The account that was connected sees the runbooks alone.
    const hidden = await findPage(notion, "Salary bands")
    const refused = await client.callTool({ name: "read_page", arguments: { page: hidden.id } })
    assert.equal(refused.isError, true, said(refused))
    const again = await browse(way[0])
    assert.equal(again.status, 410, "a link works once")
    assert.ok(!again.way.some((url) => url.origin === broker))
  })

  test("a link is for nobody else", async (t) => {
    await control("user", { id: "user_alice" })
    const client = await withToken(newClient(), { sub: "user_alice", scope: scopes.read })
    t.after(() => client.close())
    const [link] = /\S+\/connect\?link=\S+/.exec(said(await client.callTool(search)))
    await control("user", { id: "user_bob" })
    const bob = await browse(link)
    assert.equal(bob.status, 403)
    await control("user", { id: "user_alice" })
    const alice = await browse(link)
    assert.equal(alice.status, 200, alice.text)
    assert.match(alice.text, /Notion is connected/)
  })

  // mayComment is a wallet that has been through the question for comments.
  async function mayComment() {
    await control("user", { id: "user_connected" })
    const token = await control("token", { sub: "user_connected", scope: `${scopes.read} ${scopes.comment}` })
    return new Wallet({ access_token: token, token_type: "Bearer", issuer: claims(token).iss })
  }

  return { enter, mayComment, newClient }
}
