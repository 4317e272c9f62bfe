import { Button, VisuallyHidden } from "@radix-ui/themes"
import { useId, useLayoutEffect, useRef, useState } from "react"
import Markdown from "react-markdown"
import gfm from "remark-gfm"

// What a page's author wrote may look like text, lists and tables, but can lead
// nowhere and load nothing: the one link is the citation above it.
const allowed = ["p", "strong", "em", "del", "code", "pre", "ul", "ol", "li", "blockquote", "br", "h1", "h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td"]

// Headings are those of a quote, and no heading of this app; a header without
// words is none.
const heading = ({ children }) => <p><strong>{children}</strong></p>
const components = { h1: heading, h2: heading, h3: heading, h4: heading, th: ({ children }) => (children ? <th>{children}</th> : <td />) }

// useOverflow says whether the element is too low or too narrow for what is in it.
function useOverflow(element, text) {
  const [over, setOver] = useState({ low: false, narrow: false })
  useLayoutEffect(() => {
    const { current: e } = element
    const look = () => setOver({ low: e.scrollHeight > e.clientHeight + 1, narrow: e.scrollWidth > e.clientWidth + 1 })
    const watch = new ResizeObserver(look)
    watch.observe(e)
    look()
    return () => watch.disconnect()
  }, [element, text])
  return over
}

// Quoted is a passage. Of a long one, the rest is behind a button.
export function Quoted({ n, text }) {
  const [open, setOpen] = useState(false)
  const element = useRef()
  const { low, narrow } = useOverflow(element, text)
  const id = useId()
  return (
    <>
      <div ref={element} id={id} className={open ? "quoted" : "quoted short"} tabIndex={narrow ? 0 : undefined}>
        <Markdown remarkPlugins={[gfm]} allowedElements={allowed} unwrapDisallowed components={components}>{text}</Markdown>
      </div>
      {(low || open) && (
        <Button variant="ghost" size="2" mt="2" ml="1" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
          {open ? "Less" : "More"} <VisuallyHidden>of passage {n}</VisuallyHidden>
        </Button>
      )}
    </>
  )
}
