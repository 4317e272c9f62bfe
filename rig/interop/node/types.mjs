// What TypeScript says of answers, written down as literals of the types that an
// SDK declares for them.
import { writeFileSync } from "node:fs"
import path from "node:path"
import ts from "typescript"

const options = {
  noEmit: true,
  strict: true,
  types: [],
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  skipLibCheck: true,
}

// program declares samples, which are {type, value}. Without is a field that
// the declared types have and answers do not.
function program(module, samples, without) {
  const types = [...new Set(samples.map((sample) => sample.type))]
  return [
    `import type { ${types.join(", ")} } from ${JSON.stringify(module)}`,
    `type Now<T> = ${without ? `T extends unknown ? Omit<T, ${JSON.stringify(without)}> : never` : "T"}`,
    ...samples.map(({ type, value }, i) => `export const sample${i}: Now<${type}> = ${JSON.stringify(value)}`),
  ].join("\n")
}

// complaints returns what TypeScript says, each with the place in the sample
// that it is about, and equal ones once.
export function complaints(name, module, samples, without) {
  const file = path.join(process.env.HOME, `${name}.ts`)
  writeFileSync(file, program(module, samples, without))
  const found = new Map()
  for (const d of ts.getPreEmitDiagnostics(ts.createProgram([file], options))) {
    const what = ts.flattenDiagnosticMessageText(d.messageText, "\n").slice(0, 600)
    if (!found.has(what)) found.set(what, d.file ? d.file.text.slice(d.start, d.start + 160) : "")
  }
  return [...found].map(([what, where]) => `${what}\n  at ${where}`)
}
