import Markdown from "react-markdown"
import gfm from "remark-gfm"

// What a page's author wrote may look like text, lists and tables, but can lead
// nowhere and load nothing: the one link is the citation above it.
const allowed = ["p", "strong", "em", "del", "code", "pre", "ul", "ol", "li", "blockquote", "br", "h1", "h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td"]

// Headings are those of a quote, and no heading of this app; a header without
// words is none.
const heading = ({ children }) => <p><strong>{children}</strong></p>
const components = { h1: heading, h2: heading, h3: heading, h4: heading, th: ({ children }) => (children ? <th>{children}</th> : <td />) }

export function Quoted({ text }) {
  return (
    <div className="quoted" tabIndex="0">
      <Markdown remarkPlugins={[gfm]} allowedElements={allowed} unwrapDisallowed components={components}>{text}</Markdown>
    </div>
  )
}
