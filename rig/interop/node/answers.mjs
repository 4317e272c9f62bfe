// Answers of mcp-notion, which readers of Markdown must take for text.
import assert from "node:assert/strict"
import { Client } from "@modelcontextprotocol/client"
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio"
import { live, readers } from "./readers.mjs"
import { binary, dataDir, notionURL, tokens } from "./world.mjs"

export const connect = async (folder, ...options) => {
  const client = new Client({ name: "interop", version: "1.0.0" }, { versionNegotiation: { mode: { pin: "2026-07-28" } } })
  await client.connect(new StdioClientTransport({
    command: binary,
    args: ["stdio", "--notion-url", notionURL, "--data", `${dataDir}-${folder}`, "--rate", "0", ...options],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NOTION_TOKEN: tokens.owner },
    stderr: "inherit",
  }))
  return client
}

// strings are all texts in a value.
const strings = (value) => (typeof value === "string" ? [value] : Object.values(value ?? {}).flatMap(strings))

// safely calls a tool, whose answer all readers must take for text.
export async function safely(client, name, args) {
  const { isError, content, structuredContent } = await client.callTool({ name, arguments: args })
  assert.ok(!isError, content.map((part) => part.text).join("\n"))
  const again = content[0].text.startsWith("{") // the same as JSON
  for (const words of strings([!again && content, structuredContent])) {
    const shown = words.replaceAll(/<\/?quoted>/g, "").replaceAll("#id.", " ")
    for (const reader of Object.keys(readers)) assert.deepEqual(live(reader, shown), [], `${reader} of ${name} ${JSON.stringify(args)}: ${shown}`)
  }
  return structuredContent
}
