import { Box, Button, Callout, Container, Flex, Grid, Heading, Text } from "@radix-ui/themes"
import { useQuery } from "@tanstack/react-query"
import { ask } from "./api.js"
import { Ask } from "./Ask.jsx"
import { Notion } from "./Notion.jsx"
import { Pages } from "./Pages.jsx"

export function App() {
  const me = useQuery({ queryKey: ["me"], queryFn: () => ask("/api/me"), retry: false })
  if (me.isPending) return null
  if (me.isError) return <Welcome />
  return (
    <Container size="4" px="4" py="5">
      <Header me={me.data} />
      <Grid columns={{ initial: "1", md: "minmax(0, 1fr) 24rem" }} gap="6">
        <Box asChild order={{ initial: "2", md: "1" }}>
          <main>
            <Ask />
          </main>
        </Box>
        <Flex asChild direction="column" gap="5" minWidth="0">
          <aside>
            <Notion workos={me.data.workos} />
            <Pages />
          </aside>
        </Flex>
      </Grid>
    </Container>
  )
}

function Header({ me }) {
  return (
    <Flex asChild justify="between" align="center" gap="3" mb="5">
      <header>
        <Heading size="5">Acme Chat</Heading>
        <Flex align="center" gap="3">
          <Text size="2" color="gray" truncate>{me.email}</Text>
          <form method="post" action="/signout">
            <Button type="submit" variant="soft" color="gray" size="1">Sign out</Button>
          </form>
        </Flex>
      </header>
    </Flex>
  )
}

function Welcome() {
  const failed = new URLSearchParams(location.search).get("problem") === "signin"
  return (
    <Container size="1" px="4" py="9">
      <Flex asChild direction="column" gap="4" align="start">
        <main>
          <Heading size="7">Acme Chat</Heading>
          <Text>Ask your team's Notion, and see where every answer stands.</Text>
          {failed && <Callout.Root color="red" highContrast><Callout.Text>Signing in did not work. Please try again.</Callout.Text></Callout.Root>}
          <Button asChild size="3"><a href="/signin">Sign in</a></Button>
        </main>
      </Flex>
    </Container>
  )
}
