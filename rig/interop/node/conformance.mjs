// The conformance suite of MCP against mcp-notion over HTTP, which it reaches
// as a signed-in user. What cannot pass stands in a baseline with its reason:
// what is not in it fails, and so does what is in it and passes.
import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { readFileSync, readdirSync } from "node:fs"
import { createRequire } from "node:module"
import path from "node:path"
import { test } from "node:test"
import { signedInURL } from "./world.mjs"

// conform runs the suite of a package and declares a test for each scenario.
export async function conform(name, baselineFile, ...options) {
  const dir = path.join(process.env.HOME, "conformance")
  const { code, output } = await run(name, baselineFile, dir, options)
  const baseline = readBaseline(baselineFile)
  const scenarios = readResults(dir)

  test("the suite agrees with the baseline", () => assert.equal(code, 0, output))

  test("every scenario of the baseline was run", () => {
    const gone = [...baseline.keys()].filter((scenario) => !scenarios.has(scenario))
    assert.deepEqual(gone, [])
  })

  for (const [scenario, checks] of scenarios) {
    const expected = baseline.get(scenario) ?? []
    test(expected.length > 0 ? `${scenario}, but for the baseline` : scenario, (t) => {
      const bad = checks.filter((check) => ["FAILURE", "WARNING"].includes(check.status))
      assert.deepEqual(bad.map((check) => check.id).sort(), expected.toSorted(), JSON.stringify(bad, null, 2))
      if (!checks.some((check) => ["FAILURE", "SUCCESS", "WARNING"].includes(check.status))) t.diagnostic("checks nothing here")
    })
  }
}

function run(name, baselineFile, dir, options) {
  const script = path.join(path.dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), "dist", "index.js")
  const args = [script, "server", "--url", signedInURL, "--expected-failures", baselineFile, "-o", dir, ...options]
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: 60_000, maxBuffer: 1 << 24 }, (err, stdout, stderr) => {
      resolve({ code: err ? (err.code ?? err.signal) : 0, output: stdout.slice(stdout.indexOf("=== SUMMARY")) + stderr })
    })
  })
}

// readBaseline returns which checks of each scenario do not pass. The suite
// itself reads the names of scenarios alone, and the checks stand in comments:
//
//   - scenario  # not check check
function readBaseline(file) {
  const entries = readFileSync(file, "utf8").split("\n").filter((line) => /^\s*- /.test(line))
  return new Map(entries.map((line) => {
    const entry = /^\s*- (\S+)\s+# not (.+)$/.exec(line)
    assert.ok(entry, `${file}: no checks are named in: ${line}`)
    return [entry[1], entry[2].trim().split(/\s+/)]
  }))
}

// readResults returns the checks of each scenario that was run.
function readResults(dir) {
  const all = new Map()
  for (const folder of readdirSync(dir)) {
    const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT/.exec(folder)[1]
    all.set(scenario, JSON.parse(readFileSync(path.join(dir, folder, "checks.json"), "utf8")))
  }
  return all
}
