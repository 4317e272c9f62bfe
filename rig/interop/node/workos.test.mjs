// The official SDK of WorkOS drives the WorkOS server that mcp-notion's own
// tests and trials use, so that it stays true to the wire.
import assert from "node:assert/strict"
import { createRequire } from "node:module"
import path from "node:path"
import { test } from "node:test"
import { WorkOS } from "@workos-inc/node"
import { browse } from "./login.mjs"
import { complaints } from "./types.mjs"
import { control, workosKey, workosURL } from "./world.mjs"

// What the SDK is answered is kept as it came over the wire.
const answers = []
const realFetch = globalThis.fetch
globalThis.fetch = async (url, init) => {
  const response = await realFetch(url, init)
  const { origin, pathname } = new URL(url)
  if (origin === new URL(workosURL).origin && response.headers.get("content-type")?.includes("json")) {
    answers.push({ path: pathname, ok: response.ok, value: await response.clone().json() })
  }
  return response
}

const { hostname, port } = new URL(workosURL)
const connect = (key = workosKey, more = {}) => new WorkOS(key, { apiHostname: hostname, port: Number(port), https: false, ...more })
const { pipes, widgets, userManagement } = connect()
const slug = "notion"
const organizationId = "org_acme"

// person makes a user known who has done nothing yet.
async function person(userId) {
  await control("workos/user", { id: userId, organizations: [organizationId] })
  return userId
}

// asked returns the requests of a user to a path.
const asked = async (userId, end) =>
  (await control("workos/requests")).filter(({ Path, Body }) => Path.endsWith(end) && Body.includes(`"${userId}"`))

// fails asserts what kind of error the SDK makes of an answer.
const fails = (promise, expected) =>
  assert.rejects(promise, (err) => {
    const { name, status, code } = err
    assert.deepEqual({ name, status, code }, { code: undefined, ...expected }, err.stack)
    assert.match(err.requestID, /^req_\w+$/)
    return true
  })

test("getAccessToken of a connected account", async () => {
  const userId = await person("user_active")
  const expires = "2030-01-02T03:04:05.000Z"
  await control("workos/account", { user: userId, secret: "ntn_active" })
  const forever = await pipes.getAccessToken({ provider: slug, userId })
  assert.deepEqual(forever, {
    active: true,
    accessToken: { object: "access_token", accessToken: "ntn_active", expiresAt: null, scopes: [], missingScopes: [] },
  })
  await control("workos/account", { user: userId, secret: "ntn_later", expires })
  const { accessToken } = await pipes.getAccessToken({ provider: slug, userId })
  assert.equal(accessToken.accessToken, "ntn_later")
  assert.equal(accessToken.expiresAt.toISOString(), expires)
})

test("getAccessToken of an account that does not work", async () => {
  const userId = await person("user_inactive")
  assert.deepEqual(await pipes.getAccessToken({ provider: slug, userId }), { active: false, error: "not_installed" })
  await control("workos/account", { user: userId, secret: "ntn_inactive" })
  await control("workos/state", { user: userId, state: "needs_reauthorization" })
  assert.deepEqual(await pipes.getAccessToken({ provider: slug, userId }), { active: false, error: "needs_reauthorization" })
  await control("workos/inactive", "a_word_of_tomorrow")
  assert.deepEqual(await pipes.getAccessToken({ provider: slug, userId }), { active: false, error: "a_word_of_tomorrow" })
  await control("workos/inactive", "")
})

test("a user's account, one in an organization and the organization's are three", async () => {
  const userId = await person("user_member")
  await control("workos/account", { user: userId, secret: "ntn_alone" })
  const token = async (more) => {
    const answer = await pipes.getAccessToken({ provider: slug, userId, ...more })
    return answer.active ? answer.accessToken.accessToken : answer.error
  }
  const organization = { organizationId, connectionOwner: "organization" }
  assert.deepEqual([await token(), await token({ organizationId }), await token(organization)], ["ntn_alone", "not_installed", "not_installed"])
  await control("workos/account", { user: userId, organization: organizationId, secret: "ntn_inside" })
  await control("workos/account", { organization: organizationId, secret: "ntn_of_all" })
  assert.deepEqual([await token(), await token({ organizationId }), await token(organization)], ["ntn_alone", "ntn_inside", "ntn_of_all"])
  const account = await pipes.getOrganizationConnectedAccount({ organizationId, slug })
  assert.deepEqual([account.userId, account.organizationId], [null, organizationId])
  const list = await pipes.listOrganizationDataProviders({ organizationId })
  assert.deepEqual(list.data.map((p) => [p.slug, p.ownership, p.connectedAccount.id]), [[slug, "organization", account.id]])
})

test("several accounts: one has to be chosen", async () => {
  const userId = await person("user_several")
  const first = await control("workos/account", { user: userId, secret: "ntn_first" })
  const second = await control("workos/another", { user: userId, secret: "ntn_second" })
  const ask = { provider: slug, userId, supportsMultipleConnections: true }
  assert.equal((await pipes.getAccessToken({ provider: slug, userId })).accessToken.accessToken, "ntn_first")
  await fails(pipes.getAccessToken(ask), { name: "ConflictException", status: 409, code: "account_selection_required" })
  assert.equal((await pipes.getAccessToken({ ...ask, connectedAccountId: second })).accessToken.accessToken, "ntn_second")
  const one = await pipes.listUserDataProviders({ userId })
  assert.deepEqual(one.data[0].connectedAccounts.map((a) => a.id), [first])
  const all = await pipes.listUserDataProviders({ userId, supportsMultipleConnections: true })
  assert.deepEqual(all.data[0].connectedAccounts.map((a) => [a.id, a.connectionRole]), [[first, "compatibility"], [second, "standard"]])
  assert.equal(all.data[0].connectedAccount.id, first)
})

test("authorizeDataIntegration leads to a connected account, once", async () => {
  const userId = await person("user_connecting")
  const returnTo = `${workosURL}/back?x=1`
  const { url } = await pipes.authorizeDataIntegration({ slug, userId, returnTo })
  const { way } = await browse(url)
  assert.equal(String(way[1]), returnTo)
  const answer = await pipes.getAccessToken({ provider: slug, userId })
  assert.equal(answer.active, true)
  assert.equal((await browse(url)).status, 400)
  const account = await pipes.getUserConnectedAccount({ userId, slug })
  assert.deepEqual([account.object, account.state, account.authMethod, account.userId], ["connected_account", "connected", "oauth", userId])
})

test("a connected account is read, and deleted", async () => {
  const userId = await person("user_leaving")
  const absent = { name: "NotFoundException", status: 404, code: "entity_not_found" }
  await fails(pipes.getUserConnectedAccount({ userId, slug }), absent)
  await fails(pipes.deleteUserConnectedAccount({ userId, slug }), absent)
  const id = await control("workos/account", { user: userId, secret: "ntn_leaving", label: "Acme" })
  const account = await pipes.getUserConnectedAccount({ userId, slug })
  assert.deepEqual([account.id, account.accountDisplayName, account.connectionRole], [id, "Acme", "compatibility"])
  await control("workos/state", { user: userId, state: "needs_reauthorization" })
  assert.equal((await pipes.getUserConnectedAccount({ userId, slug })).state, "needs_reauthorization")
  assert.equal(await pipes.deleteUserConnectedAccount({ userId, slug }), undefined)
  await fails(pipes.getUserConnectedAccount({ userId, slug }), absent)
  assert.deepEqual(await pipes.getAccessToken({ provider: slug, userId }), { active: false, error: "not_installed" })
})

test("a widget token is for one user", async () => {
  const userId = await person("user_widget")
  const { token } = await widgets.createToken({ organizationId, userId })
  const [, claims] = token.split(".").map((part) => Buffer.from(part, "base64url").toString())
  assert.equal(JSON.parse(claims).sub, userId)
})

test("people sign in with AuthKit, stay signed in and leave", async () => {
  const userId = await person("user_signing_in")
  const app = { clientId: "client_interop", redirectUri: "http://127.0.0.1:1/callback" }
  const { url, codeVerifier } = await userManagement.getAuthorizationUrlWithPKCE({ ...app, provider: "authkit" })
  const back = await realFetch(url, { method: "POST", body: new URLSearchParams({ user: userId }), redirect: "manual" })
  const code = new URL(back.headers.get("location")).searchParams.get("code")
  const first = await userManagement.authenticateWithCode({ ...app, code, codeVerifier })
  assert.deepEqual([first.user.id, first.user.email, first.organizationId], [userId, "signing_in@example.com", organizationId])
  await assert.rejects(userManagement.authenticateWithCode({ ...app, code, codeVerifier }), { status: 400, error: "invalid_grant" })
  const next = await userManagement.authenticateWithRefreshToken({ ...app, refreshToken: first.refreshToken })
  const { sid } = JSON.parse(Buffer.from(next.accessToken.split(".")[1], "base64url"))
  await realFetch(userManagement.getLogoutUrl({ sessionId: sid }))
  await assert.rejects(userManagement.authenticateWithRefreshToken({ ...app, refreshToken: next.refreshToken }), { error: "invalid_grant" })
})

test("errors are those that the SDK knows", async () => {
  const userId = await person("user_wrong")
  const notFound = { name: "NotFoundException", status: 404, code: "entity_not_found" }
  await fails(pipes.getAccessToken({ provider: slug, userId: "user_nobody" }), notFound)
  await fails(pipes.getAccessToken({ provider: "nowhere", userId }), notFound)
  await fails(pipes.authorizeDataIntegration({ slug, userId: "user_nobody" }), notFound)
  await fails(pipes.getAccessToken({ provider: slug, userId, organizationId: "org_of_others" }), { name: "GenericServerException", status: 403, code: "organization_membership_required" })
  await fails(pipes.getAccessToken({ provider: slug, userId, connectionOwner: "organization" }), { name: "GenericServerException", status: 400, code: "organization_required" })
  await fails(pipes.getAccessToken({ provider: slug }), { name: "UnprocessableEntityException", status: 422, code: "invalid_request_parameters" })
  await fails(connect("sk_test_of_others").pipes.getAccessToken({ provider: slug, userId }), { name: "UnauthorizedException", status: 401 })
  await control("workos/account", { user: userId, secret: "secret", authMethod: "api_key" })
  await fails(pipes.getAccessToken({ provider: slug, userId }), { name: "UnprocessableEntityException", status: 422, code: "auth_method_mismatch" })
})

test("a request that is repeated has the same key, and is answered", async () => {
  const userId = await person("user_retried")
  await control("workos/account", { user: userId, secret: "ntn_retried" })
  await control("workos/fault", { path: "/token", times: 2, status: 503, retryAfter: "0" })
  assert.equal((await pipes.getAccessToken({ provider: slug, userId })).active, true)
  const requests = await asked(userId, "/token")
  assert.deepEqual(requests.map((r) => r.Status), [503, 503, 200])
  assert.equal(new Set(requests.map((r) => r.IdempotencyKey)).size, 1)
  assert.ok(requests[0].IdempotencyKey)

  await pipes.getAccessToken({ provider: slug, userId })
  const keys = (await asked(userId, "/token")).map((r) => r.IdempotencyKey)
  assert.notEqual(keys.at(-1), keys[0], "a new question has a new key")
})

test("a link whose answer was lost is not made twice", async () => {
  const userId = await person("user_lost")
  const ask = (key) => connect().post(`/data-integrations/${slug}/authorize`, { user_id: userId }, { idempotencyKey: key })
  const [first, second, other] = [await ask("a"), await ask("a"), await ask("b")]
  assert.equal(first.data.url, second.data.url)
  assert.notEqual(first.data.url, other.data.url)
})

test("too many requests", async () => {
  const userId = await person("user_hasty")
  await control("workos/fault", { path: "/token", times: 1, status: 429, retryAfter: "7" })
  await assert.rejects(connect(workosKey, { maxRetries: 0 }).pipes.getAccessToken({ provider: slug, userId }), (err) => {
    assert.deepEqual([err.name, err.status, err.retryAfter], ["RateLimitExceededException", 429, 7])
    return true
  })
  await control("workos/fault", { path: "/token", times: 1, status: 429, retryAfter: "0" })
  assert.equal((await pipes.getAccessToken({ provider: slug, userId })).error, "not_installed")
})

test("every answer has the type that the SDK declares", () => {
  const types = {
    DataIntegrationAccessTokenResponseWire: /^\/data-integrations\/notion\/token$/,
    DataIntegrationAuthorizeUrlResponseWire: /^\/data-integrations\/notion\/authorize$/,
    ConnectedAccountResponse: /\/connected_accounts\/notion$/,
    DataIntegrationsListResponseWire: /\/data_providers$/,
    AuthenticationResponseResponse: /^\/user_management\/authenticate$/,
    WidgetSessionTokenResponseWire: /^\/widgets\/token$/,
  }
  const sdk = path.join(path.dirname(createRequire(import.meta.url).resolve("@workos-inc/node/package.json")), "lib", "index.mjs")
  const samples = Object.entries(types).flatMap(([type, where]) => {
    const seen = answers.filter((a) => a.ok && where.test(a.path) && a.value.error !== "a_word_of_tomorrow")
    assert.ok(seen.length > 0, `no answer of type ${type} was seen`)
    return seen.map(({ value }) => ({ type, value }))
  })
  const found = complaints("workos", sdk, samples)
  assert.equal(found.length, 0, found.join("\n\n"))
  const { object, ...less } = samples.find(({ type }) => type === "ConnectedAccountResponse").value
  assert.equal(complaints("wrong", sdk, [{ type: "ConnectedAccountResponse", value: less }]).length, 1)
})
