// How a person comes in: a client that keeps its login, and a browser.
import assert from "node:assert/strict"
import { mcpURL } from "./world.mjs"

export const scopes = { read: "notion:read", comment: "notion:comment" }

// A Wallet is what a client keeps of its login. Its person is always there: the
// browser is opened at once, and callback is where it ended up.
export class Wallet {
  redirectUrl = "http://127.0.0.1:1/callback"
  authorized = [] // where the browser was sent
  kept = {}

  constructor(tokens) {
    this.kept.tokens = tokens
  }

  get clientMetadata() {
    return {
      client_name: "interop",
      redirect_uris: [this.redirectUrl],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    }
  }

  state = () => "state-of-the-client"
  clientInformation = () => this.kept.client
  saveClientInformation = (client) => { this.kept.client = client }
  tokens = () => this.kept.tokens
  saveTokens = (tokens) => { this.kept.tokens = tokens }
  codeVerifier = () => this.kept.verifier
  saveCodeVerifier = (verifier) => { this.kept.verifier = verifier }
  discoveryState = () => this.kept.discovery
  saveDiscoveryState = (state) => { this.kept.discovery = state }

  async redirectToAuthorization(url) {
    this.authorized.push(url)
    const response = await fetch(url, { redirect: "manual" })
    assert.equal(response.status, 302, await response.text())
    this.callback = new URL(response.headers.get("location"))
    assert.equal(this.callback.searchParams.get("state"), this.state())
  }
}

// recorder is a fetch that keeps what was asked.
export function recorder() {
  const seen = []
  const recording = async (url, init = {}) => {
    const response = await fetch(url, init)
    seen.push({ method: init.method ?? "GET", url: new URL(url), body: init.body, status: response.status, headers: response.headers })
    return response
  }
  return { seen, fetch: recording }
}

// browse opens a link as a browser does, and returns where it led and the page
// at its end.
export async function browse(link) {
  const jar = new Map()
  const way = []
  for (let url = new URL(link); way.length < 10; ) {
    way.push(url)
    const cookies = jar.get(url.origin) ?? new Map()
    const header = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ")
    const response = await fetch(url, { redirect: "manual", headers: header ? { cookie: header } : {} })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)
      cookies.set(name, value)
    }
    jar.set(url.origin, cookies)
    if (!response.headers.has("location")) return { way, status: response.status, text: await response.text() }
    url = new URL(response.headers.get("location"), url)
  }
  throw new Error(`the browser goes in circles: ${way.join(" -> ")}`)
}

// claims reads a token without checking it.
export const claims = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"))

// challenge asks without the client and returns how mcp-notion refuses.
export async function challenge(token, call) {
  const response = await fetch(mcpURL, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      ...(token && { Authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...call }),
  })
  return { status: response.status, authenticate: response.headers.get("www-authenticate") }
}
