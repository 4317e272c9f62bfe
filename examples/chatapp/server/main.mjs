// The app's server: sessions, the widget's token, and two questions to Notion.
import { serve } from "@hono/node-server"
import { serveStatic } from "@hono/node-server/serve-static"
import { Hono } from "hono"
import { csrf } from "hono/csrf"
import { secureHeaders } from "hono/secure-headers"
import path from "node:path"
import { answer } from "./answer.mjs"
import { call, passage, Refusal } from "./notion.mjs"
import { callback, signedIn, signIn, signOut, workos } from "./people.mjs"
import { settings } from "./settings.mjs"

const built = path.join(import.meta.dirname, "..", "dist")
const { origin, hostname, port, protocol } = settings.workos.url

const app = new Hono()
app.use(secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'self'"],
    connectSrc: ["'self'", origin], // the widget asks WorkOS itself
    styleSrc: ["'self'", "'unsafe-inline'"], // Radix sets styles of elements
    imgSrc: ["'self'", "data:"],
    formAction: ["'self'", origin],
    frameAncestors: ["'none'"],
  },
  crossOriginOpenerPolicy: false, // the widget talks to the window that it opens
}))
app.use(csrf({ origin: settings.url.origin }))

app.get("/signin", signIn)
app.get("/callback", callback)
app.post("/signout", signOut)

app.use("/api/*", signedIn)

app.get("/api/me", (c) => {
  const { user } = c.get("who")
  return c.json({
    name: [user.firstName, user.lastName].filter(Boolean).join(" ") || user.email,
    email: user.email,
    workos: { apiHostname: hostname, port: Number(port) || null, https: protocol === "https:" },
  })
})

// What the widget shows its user, and lets them do, is decided by this token.
app.post("/api/widget-token", async (c) => {
  const { user, organizationId } = c.get("who")
  return c.json(await workos.widgets.createToken({ userId: user.id, organizationId }))
})

app.get("/api/pages", async (c) => {
  const { quoted, coverage } = await call(c.get("who"), "search_notion", { limit: 10 })
  return c.json({ pages: quoted.map(([url, title, place]) => ({ url, title, place })), coverage })
})

app.post("/api/ask", async (c) => {
  const { question } = (await c.req.json().catch(() => null)) ?? {} // an error would quote it to the log
  if (typeof question !== "string" || question.trim() === "") return c.json({ error: "no_question", words: "Ask something." }, 400)
  const { quoted, evidence } = await call(c.get("who"), "search_notion", { query: question, limit: 5 })
  const passages = quoted.map(passage)
  return c.json({ passages, evidence, answer: await answer(c.get("who"), question, passages) })
})

app.get("/healthz", (c) => c.text("ok"))
app.use("/*", serveStatic({ root: path.relative(process.cwd(), built) }))

// A refusal is news for the user: that Notion is not connected, above all.
app.onError((err, c) => {
  if (err instanceof Refusal) return c.json({ error: err.code, words: err.message }, 409)
  if (err.getResponse) return err.getResponse()
  console.error(`${c.req.method} ${c.req.path}: ${err.message}`)
  return c.json({ error: "internal", words: "Something went wrong. Try again in a minute." }, 502)
})

const server = serve({ fetch: app.fetch, hostname: process.env.HOST ?? "127.0.0.1", port: Number(process.env.PORT ?? 3000) }, (at) => {
  console.log(`chatapp: ${settings.url.href} (port ${at.port})`)
})
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    server.close(() => process.exit(0))
    server.closeAllConnections()
  })
}
