// The pre-release of the conformance suite that knows revision 2026-07-28.
import { conform } from "./conformance.mjs"

await conform("conformance-next", "conformance-next.yml", "--requirements", "2026-07-28")
