import { Badge, Box, Button, Callout, Card, Flex, Link, Text, TextField } from "@radix-ui/themes"
import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useEffect, useState } from "react"
import { Answer } from "./Answer.jsx"
import { ask } from "./api.js"
import { isGone, Missing, Note, usePages } from "./Pages.jsx"
import { Quoted } from "./Quoted.jsx"

// useQuestion asks, and what met no Notion it asks again by itself, once, when
// the user has connected it and the pages are read.
function useQuestion() {
  const queryClient = useQueryClient()
  const pages = usePages()
  const asked = useMutation({
    mutationFn: ({ question }) => ask("/api/ask", { question }),
    onError: () => queryClient.invalidateQueries({ queryKey: ["pages"] }), // awaited: when the error shows, the pages are not older
  })
  const { mutate, variables, error } = asked
  const waits = isGone(error) && !variables.again
  const ready = pages.isSuccess && !pages.data.coverage.state
  useEffect(() => {
    if (waits && ready) mutate({ question: variables.question, again: true })
  }, [waits, ready, mutate, variables])
  return { asked, pages, waits }
}

export function Ask() {
  const [question, setQuestion] = useState("")
  const { asked, pages, waits } = useQuestion()
  const submit = (event) => {
    event.preventDefault()
    if (question.trim()) asked.mutate({ question })
  }
  return (
    <Flex direction="column" gap="4">
      <form onSubmit={submit}>
        <Flex gap="2">
          <Box flexGrow="1">
            <TextField.Root size="3" aria-label="Question" placeholder="Ask your Notion" value={question} onChange={(event) => setQuestion(event.target.value)} />
          </Box>
          <Button size="3" type="submit" loading={asked.isPending}>Ask</Button>
        </Flex>
      </form>
      <Flex role="status" direction="column" gap="4">
        {asked.isError && !(waits && pages.isSuccess) && <Missing problem={asked.error} />}
        {waits && <Note>{pages.isSuccess ? "Your pages are being read; then your question is asked." : "Your question is asked as soon as that is done."}</Note>}
        {asked.isSuccess && !isGone(pages.error) && <Found {...asked.data} />}
      </Flex>
    </Flex>
  )
}

function Found({ passages, evidence, answer }) {
  if (passages.length === 0) return <Text>Nothing in the pages that you shared speaks of this.</Text>
  return (
    <Flex direction="column" gap="4">
      <Answer answer={answer} />
      {evidence && (
        <Callout.Root color="amber" size="1" highContrast><Callout.Text>These passages may not answer the question.</Callout.Text></Callout.Root>
      )}
      {passages.map((passage) => <Passage key={passage.n} {...passage} />)}
    </Flex>
  )
}

function Passage({ n, title, place, url, text }) {
  return (
    <Card>
      <Flex gap="2" align="baseline">
        <Badge>{n}</Badge>
        <Text>
          <Link href={url} target="_blank" rel="noreferrer" weight="medium">{title}</Link>{" "}
          <Text size="1" color="gray">{place}</Text>
        </Text>
      </Flex>
      <Quoted n={n} text={text} />
    </Card>
  )
}
