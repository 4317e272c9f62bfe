// The Notion of the user who asks: calls the tools of mcp-notion for them.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client"
import { importPKCS8, SignJWT } from "jose"
import { settings } from "./settings.mjs"

const { url, name, key } = settings.notion
const signingKey = await importPKCS8(key, "ES256")

// tokenFor lets mcp-notion know for whom this app asks. It names one user, for
// one minute, and may only read.
const tokenFor = ({ user, organizationId }) =>
  new SignJWT({ org_id: organizationId, act: { sub: name }, scope: "notion:read" })
    .setProtectedHeader({ alg: "ES256", typ: "at+jwt" })
    .setIssuer(name)
    .setAudience(url.href)
    .setSubject(user.id)
    .setIssuedAt()
    .setExpirationTime("1 minute")
    .sign(signingKey)

// A Refusal says in its code why there is no answer.
export class Refusal extends Error {
  constructor(code, words) {
    super(words)
    this.code = code
  }
}

// passage is what was found on a page: its url, title and place, and then its
// blocks, each with the anchor that opens it. The link opens the first of them.
export function passage([url, title, place, ...blocks], i) {
  const anchor = /[ \n]?#([0-9a-f]{32})$/gm
  const text = blocks.join("\n\n")
  const [first] = text.matchAll(anchor)
  return { n: i + 1, url: first ? `${url}#${first[1]}` : url, title, place, text: text.replace(anchor, "") }
}

// call returns what a tool found for somebody.
export async function call(who, tool, args) {
  const client = new Client({ name: "chatapp", version: "1.0.0" }, { versionNegotiation: { mode: { pin: "2026-07-28" } } })
  const headers = { Authorization: `Bearer ${await tokenFor(who)}` }
  try {
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }))
    const { isError, content, structuredContent } = await client.callTool({ name: tool, arguments: args })
    if (!isError) return structuredContent
    throw new Refusal(structuredContent?.error?.code ?? "internal", content.map((part) => part.text).join("\n"))
  } finally {
    await client.close()
  }
}
