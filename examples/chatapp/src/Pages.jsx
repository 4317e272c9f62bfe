import { Box, Callout, Flex, Heading, Link, Spinner, Text } from "@radix-ui/themes"
import { useQuery } from "@tanstack/react-query"
import { ask } from "./api.js"

// While Notion is not there, or is being read, the app looks every few seconds,
// and whenever its window is shown; else now and then.
const every = ({ state }) => (state.status === "success" && !state.data.coverage.state ? 10_000 : 4_000)

export const usePages = () =>
  useQuery({ queryKey: ["pages"], queryFn: () => ask("/api/pages"), refetchInterval: every, retry: false, staleTime: 0 })

export function Pages() {
  const pages = usePages()
  return (
    <section>
      <Heading as="h2" size="3" mb="2">Recently edited</Heading>
      {pages.isPending && <Spinner />}
      {pages.isError && <Missing problem={pages.error} />}
      {pages.isSuccess && <List {...pages.data} />}
    </section>
  )
}

const refused = "Notion does not let this app in any more. Choose Reauthorize in the menu of the connection."

const wanted = {
  not_connected: "Connect Notion, and your pages appear here.",
  needs_reauthorization: refused,
  unauthorized: refused,
}

// isGone says whether Notion is not connected any more, so that nothing of it may
// stay on the screen.
export const isGone = (problem) => problem?.code in wanted

export function Missing({ problem }) {
  return <Note color={problem.code === "not_connected" ? "gray" : "amber"}>{wanted[problem.code] ?? problem.message}</Note>
}

export const Note = ({ color = "gray", children }) => (
  <Callout.Root color={color} size="1" highContrast><Callout.Text>{children}</Callout.Text></Callout.Root>
)

function List({ pages, coverage }) {
  return (
    <Flex direction="column" gap="3">
      {pages.map((page) => (
        <Box key={page.url}>
          <Link href={page.url} target="_blank" rel="noreferrer" size="2" weight="medium">{page.title}</Link>
          <Text as="div" size="1" color="gray" truncate>{page.place}</Text>
        </Box>
      ))}
      <Text size="1" color="gray">{covered(coverage)}</Text>
    </Flex>
  )
}

function covered({ known, unread = 0, state }) {
  if (state) return `Reading your Notion: ${known - unread} of ${known || "its"} pages so far.`
  if (known === 0) return "No page is shared yet. In Notion, open a page and add this app under Connections."
  return `${known - unread} of ${known} pages that you shared are read.`
}
