// npm run keys: makes the pair of keys with which this app acts for its users.
// The public one is for mcp-notion serve --backend-key.
import { generateKeyPairSync } from "node:crypto"
import { writeFileSync } from "node:fs"

const { privateKey, publicKey } = generateKeyPairSync("ec", {
  namedCurve: "P-256",
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
})
writeFileSync("chatapp.key", privateKey, { mode: 0o600, flag: "wx" })
writeFileSync("chatapp.pub", publicKey, { flag: "wx" })
console.log("wrote chatapp.key, which is secret, and chatapp.pub")
