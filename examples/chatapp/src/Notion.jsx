import { Heading, Box } from "@radix-ui/themes"
import { useQueryClient } from "@tanstack/react-query"
import { useEffect, useRef } from "react"
import { Pipes, WorkOsWidgets } from "@workos-inc/widgets"
import { ask } from "./api.js"
import { useAppearance } from "./appearance.js"
import { usePages } from "./Pages.jsx"

// list is what the widget asks WorkOS for: the providers and their states.
const list = ({ queryKey }) => String(queryKey[0]).endsWith("/DataIntegrations/mine")

// useNews keeps widget and app together: when one of them learns that the
// connection has changed, the other asks too.
function useNews(queryClient) {
  const { status, error } = usePages()
  const states = useRef()
  useEffect(() => {
    queryClient.refetchQueries({ predicate: list })
  }, [queryClient, status, error?.code])
  useEffect(() => queryClient.getQueryCache().subscribe(({ query }) => {
    if (!list(query) || !query.state.data) return
    const now = query.state.data.data.map(({ installation }) => installation?.state).join()
    if (states.current !== now) queryClient.invalidateQueries({ queryKey: ["pages"] })
    states.current = now
  }), [queryClient])
}

const widgetToken = async () => (await ask("/api/widget-token", {})).token

// Notion is where the user connects Notion: the Pipes widget does all of it.
export function Notion({ workos }) {
  const queryClient = useQueryClient()
  const appearance = useAppearance()
  useNews(queryClient)
  return (
    <Box asChild>
      <section>
        <Heading as="h2" size="3" mb="2">Connection</Heading>
        <WorkOsWidgets {...workos} queryClient={queryClient} theme={{ appearance, accentColor: "indigo", grayColor: "slate" }}>
          <Pipes authToken={widgetToken} filter={{ slugs: ["notion"] }} />
        </WorkOsWidgets>
      </section>
    </Box>
  )
}
