import Markdown from "react-markdown"
import gfm from "remark-gfm"

// What a page's author wrote may look like text, lists and tables, but can lead
// nowhere and load nothing: the one link is the citation above it.
const allowed = ["p", "strong", "em", "del", "code", "pre", "ul", "ol", "li", "blockquote", "br", "h1", "h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td"]

export function Quoted({ text }) {
  return (
    <div className="quoted" tabIndex="0">
      <Markdown remarkPlugins={[gfm]} allowedElements={allowed} unwrapDisallowed>{text}</Markdown>
    </div>
  )
}
