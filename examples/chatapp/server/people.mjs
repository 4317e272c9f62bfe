// Who is there: people sign in with AuthKit, and a sealed cookie remembers it.
import { WorkOS } from "@workos-inc/node"
import { deleteCookie, getCookie, setCookie } from "hono/cookie"
import { decodeJwt } from "jose"
import { settings } from "./settings.mjs"

const { apiKey, clientId, url } = settings.workos
const https = url.protocol === "https:"

export const workos = new WorkOS(apiKey, { clientId, apiHostname: url.hostname, port: Number(url.port) || undefined, https })

const secure = settings.url.protocol === "https:"
const session = secure ? "__Host-session" : "session"
const signingIn = secure ? "__Host-signing-in" : "signing-in"
const cookie = { path: "/", httpOnly: true, sameSite: "Lax", secure }

const redirectUri = new URL("/callback", settings.url).href
const { cookiePassword } = settings

export async function signIn(c) {
  const { url, state, codeVerifier } = await workos.userManagement.getAuthorizationUrlWithPKCE({ provider: "authkit", clientId, redirectUri })
  setCookie(c, signingIn, `${state}.${codeVerifier}`, { ...cookie, maxAge: 600 })
  return c.redirect(url)
}

export async function callback(c) {
  const [state, codeVerifier] = (getCookie(c, signingIn) ?? "").split(".")
  deleteCookie(c, signingIn, cookie)
  // Only the browser that began may come back; else one could be signed in as somebody else.
  if (!state || state !== c.req.query("state") || !c.req.query("code")) return c.redirect("/?problem=signin")
  try {
    const { sealedSession } = await workos.userManagement.authenticateWithCode({
      clientId, code: c.req.query("code"), codeVerifier, session: { sealSession: true, cookiePassword },
    })
    setCookie(c, session, sealedSession, cookie)
    return c.redirect("/")
  } catch (err) {
    console.error("sign-in:", err.error ?? err.name)
    return c.redirect("/?problem=signin")
  }
}

// signOut ends AuthKit's own session too; else whoever comes next to this browser
// would be signed in as its last user, without being asked.
export async function signOut(c) {
  const sealed = getCookie(c, session)
  deleteCookie(c, session, cookie)
  const ended = sealed && (await workos.userManagement.getSessionFromCookie({ sessionData: sealed, cookiePassword }))
  if (!ended?.accessToken) return c.redirect("/", 303)
  const { sid } = decodeJwt(ended.accessToken) // which may be too old for anything else
  return c.redirect(workos.userManagement.getLogoutUrl({ sessionId: sid, returnTo: settings.url.href }), 303)
}

// signedIn lets only those through who are signed in; c.get("who") is they.
export async function signedIn(c, next) {
  c.header("Cache-Control", "no-store")
  const sealed = getCookie(c, session)
  const who = sealed && (await recognize(sealed))
  if (!who) {
    deleteCookie(c, session, cookie)
    return c.json({ error: "signed_out" }, 401)
  }
  if (who.sealedSession) setCookie(c, session, who.sealedSession, cookie)
  c.set("who", { user: who.user, organizationId: who.organizationId })
  await next()
}

async function recognize(sealed) {
  const at = workos.userManagement.loadSealedSession({ sessionData: sealed, cookiePassword })
  const who = await at.authenticate()
  if (who.authenticated) return who
  if (who.reason !== "invalid_jwt") return null // not sealed here
  const next = await refresh(sealed, at)
  if (next.retryable) throw new Error(`refresh a session: ${next.reason}`) // which stands all the same
  return next.authenticated && next
}

// A refresh token is good for one use, and a browser asks several things at
// once: what one of them got is for all.
const refreshed = new Map()

function refresh(sealed, at) {
  if (!refreshed.has(sealed)) {
    const answer = at.refresh()
    const forget = () => refreshed.delete(sealed)
    refreshed.set(sealed, answer)
    answer.then(({ retryable }) => (retryable ? forget() : setTimeout(forget, 60_000).unref()), forget)
  }
  return refreshed.get(sealed)
}
