// The newest release of the conformance suite: revisions up to 2025-11-25.
import { conform } from "./conformance.mjs"

await conform("@modelcontextprotocol/conformance", "conformance.yml", "--suite", "all")
