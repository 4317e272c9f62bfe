// What the app is told, by the environment alone. README.md lists it.
import { readFileSync } from "node:fs"

function need(name) {
  const value = process.env[name]
  if (value) return value
  console.error(`chatapp: ${name} is not set. README.md says what it is; .env is read too.`)
  process.exit(1)
}

export const settings = {
  url: new URL(process.env.CHATAPP_URL ?? "http://localhost:3000"), // as browsers see it
  cookiePassword: need("WORKOS_COOKIE_PASSWORD"), // seals sessions, at least 32 characters
  workos: {
    apiKey: need("WORKOS_API_KEY"),
    clientId: need("WORKOS_CLIENT_ID"),
    url: new URL(process.env.WORKOS_API_URL ?? "https://api.workos.com"),
  },
  notion: {
    url: new URL(process.env.MCP_NOTION_URL ?? "http://127.0.0.1:8080/mcp"),
    name: process.env.CHATAPP_NAME ?? "chatapp", // what --backend-issuer says
    key: readFileSync(need("CHATAPP_KEY_FILE"), "utf8"), // whose other half --backend-key has
  },
  model: process.env.MODEL && {
    name: process.env.MODEL,
    url: process.env.MODEL_URL ?? "https://api.openai.com/v1",
    key: process.env.MODEL_API_KEY ?? "",
  },
}
