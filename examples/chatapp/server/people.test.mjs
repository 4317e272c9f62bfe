// What becomes of sessions: npm test. WorkOS is played by a server that says
// what it is told to.
import assert from "node:assert/strict"
import { createServer } from "node:http"
import { once } from "node:events"
import { after, test } from "node:test"
import { Hono } from "hono"
import { exportJWK, generateKeyPair, SignJWT } from "jose"

const password = "a password of the test, long enough"
const { privateKey, publicKey } = await generateKeyPair("RS256")
const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "RS256" }] }

let authenticate // what WorkOS answers to a code or a refresh token
const server = createServer((request, response) => {
  const { status, body } = request.url.includes("/jwks/") ? { status: 200, body: keys } : authenticate
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body))
}).listen(0, "127.0.0.1")
await once(server, "listening")
after(() => server.close())

Object.assign(process.env, {
  WORKOS_COOKIE_PASSWORD: password, WORKOS_API_KEY: "sk_test", WORKOS_CLIENT_ID: "client_1",
  WORKOS_API_URL: `http://127.0.0.1:${server.address().port}`, CHATAPP_KEY_FILE: import.meta.filename,
})
const { signedIn, signOut, workos } = await import("./people.mjs")

const app = new Hono()
app.post("/signout", signOut)
app.use("/api/*", signedIn)
app.get("/api/me", (c) => c.text(c.get("who").user.id))
app.onError((err, c) => c.text(err.message, 502))

const down = { status: 503, body: {} }

async function grant(seconds, session) {
  const access_token = await new SignJWT({ sid: session, org_id: "org_1" })
    .setProtectedHeader({ alg: "RS256", kid: "1" }).setSubject("user_1").setExpirationTime(Math.floor(Date.now() / 1000) + seconds).sign(privateKey)
  return { status: 200, body: { access_token, refresh_token: session, user: { object: "user", id: "user_1", email: "ada@example.com" } } }
}

// cookieOf is the cookie of a session whose access token ends in so many seconds.
async function cookieOf(seconds, session) {
  authenticate = await grant(seconds, session)
  const { sealedSession } = await workos.userManagement.authenticateWithCode({ clientId: "client_1", code: "1", session: { sealSession: true, cookiePassword: password } })
  authenticate = down
  return sealedSession
}

const ask = (path, cookie, method = "GET") => app.request(path, { method, headers: { Cookie: `session=${cookie}` } })

test("who is signed in is known, and the answer is kept by nobody", async () => {
  const answer = await ask("/api/me", await cookieOf(60, "session_1"))
  assert.equal(await answer.text(), "user_1")
  assert.equal(answer.headers.get("Cache-Control"), "no-store")
})

test("while WorkOS is away nobody is signed out, and afterwards all goes on", async () => {
  const cookie = await cookieOf(-60, "session_2")
  const away = await ask("/api/me", cookie)
  assert.equal(away.status, 502)
  assert.equal(away.headers.get("Set-Cookie"), null)
  authenticate = await grant(60, "session_2")
  const back = await ask("/api/me", cookie)
  assert.equal(await back.text(), "user_1")
  assert.match(back.headers.get("Set-Cookie"), /^session=Fe26/)
})

test("a session that has ended at WorkOS has ended here", async () => {
  const cookie = await cookieOf(-60, "session_3")
  authenticate = { status: 400, body: { error: "invalid_grant", error_description: "ended" } }
  const answer = await ask("/api/me", cookie)
  assert.equal(answer.status, 401)
  assert.match(answer.headers.get("Set-Cookie"), /^session=;/)
})

test("signing out ends the session at WorkOS too, however old its token is", async () => {
  for (const seconds of [60, -3600]) {
    const answer = await ask("/signout", await cookieOf(seconds, "session_4"), "POST")
    assert.match(answer.headers.get("Location"), /\/sessions\/logout\?session_id=session_4&/)
    assert.match(answer.headers.get("Set-Cookie"), /^session=;/)
  }
  assert.equal((await ask("/signout", "made-up", "POST")).headers.get("Location"), "/")
})

test("made-up cookies sign nobody in, and are not kept", { timeout: 60_000 }, async () => {
  const used = () => process.memoryUsage().heapUsed + process.memoryUsage().external
  const before = used()
  for (let i = 0; i < 20_000; i++) {
    assert.equal((await ask("/api/me", String(i).padStart(12_000, "x"))).status, 401)
  }
  assert.ok(used() - before < 100e6, `${Math.round((used() - before) / 1e6)} MB are kept`)
})
