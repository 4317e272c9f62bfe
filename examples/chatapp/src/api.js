// A Problem is an answer of the server that is none.
export class Problem extends Error {
  constructor({ error, words }) {
    super(words ?? "Something went wrong. Try again in a minute.")
    this.code = error
  }
}

export async function ask(path, body) {
  const response = await fetch(path, body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) })
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw new Problem(answer)
  return answer
}
