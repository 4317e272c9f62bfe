import { Callout, Card, Link, Text } from "@radix-ui/themes"

// Answer shows what the model wrote, whose quotes were all found in Notion.
export function Answer({ answer }) {
  if (!answer) return null
  if (!answer.text) {
    return (
      <Callout.Root color="amber" size="1" highContrast>
        <Callout.Text>{doubts(answer.doubtful)} Here is what your pages say.</Callout.Text>
      </Callout.Root>
    )
  }
  return (
    <Card variant="classic">
      <Text className="answer">{linked(answer.text)}</Text>
    </Card>
  )
}

const doubts = (n) =>
  n === 0 ? "The model answered without a quote, so its answer is not shown." : `Not all quotes of the model's answer stand in your pages (${n} do not), so it is not shown.`

// linked turns Markdown links to Notion into links, and leaves the rest as text.
function linked(text) {
  const parts = text.split(/(\[[^\]]*\]\(https:\/\/(?:app|www)\.notion\.(?:com|so)\/[^)\s]*\))/)
  return parts.map((part, i) => {
    const link = i % 2 === 1 && /^\[(.*)\]\((.*)\)$/.exec(part)
    return link ? <Link key={i} underline="always" href={link[2]} target="_blank" rel="noreferrer">{link[1]}</Link> : part
  })
}
