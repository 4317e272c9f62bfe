// Readers of Markdown that others have written, with all that they understand.
import * as commonmark from "commonmark"
import MarkdownIt from "markdown-it"
import { marked } from "marked"
import { micromark } from "micromark"
import { gfm, gfmHtml } from "micromark-extension-gfm"

const gfmOptions = { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] }
const it = new MarkdownIt({ html: true, linkify: true })

// readers give of a text what is more than text, as [kind, address].
export const readers = {
  "markdown-it": (source) => tokens(it.parse(source, {})),
  commonmark: (source) => nodes(new commonmark.Parser().parse(source)),
  micromark: (source) => tags(micromark(source, { ...gfmOptions, allowDangerousProtocol: true })),
  marked: (source) => parts(marked.lexer(source)),
}

function tokens(all) {
  return all.flatMap(({ type, content, children, attrGet, ...token }) => {
    const address = (name) => token.attrs.find(([key]) => key === name)?.[1]
    if (type === "image") return [["image", address("src")]]
    if (type === "link_open") return [["link", address("href")]]
    if (type.startsWith("html_")) return [["HTML", content]]
    return tokens(children ?? [])
  })
}

function nodes(document) {
  const found = []
  const walker = document.walker()
  for (let event; (event = walker.next()); ) {
    const { type, destination, literal } = event.node
    if (type === "image" || type === "link") found.push([type, destination])
    if (type.startsWith("html_")) found.push(["HTML", literal])
  }
  return found
}

function parts(all) {
  const found = []
  marked.walkTokens(all, ({ type, href, raw }) => {
    if (type === "image" || type === "link") found.push([type, href])
    if (type === "html") found.push(["HTML", raw])
  })
  return found
}

// own are the elements that Markdown is made into; check boxes are input.
const own = /^(?:p|em|strong|del|code|pre|[uo]l|li|blockquote|[bh]r|h[1-6]|table|thead|tbody|t[rhd]|input)$/

// tags looks at HTML, where text has &lt; in place of "<".
function tags(html) {
  return [...html.matchAll(/<\/?([^\s>]*)\s?([^>]*)>/g)].flatMap(([tag, name, attributes]) => {
    const address = /(?:href|src)="([^"]*)"/.exec(attributes)?.[1]
    if (name === "img") return [["image", address]]
    if (name === "a") return address === undefined ? [] : [["link", address]]
    return own.test(name) ? [] : [["HTML", tag]]
  })
}

const rendered = {
  "markdown-it": (source) => it.render(source),
  commonmark: (source) => new commonmark.HtmlRenderer().render(new commonmark.Parser().parse(source)),
  micromark: (source) => micromark(source, gfmOptions),
}

// seers are the readers that can be asked what is to be seen of a text.
export const seers = Object.keys(rendered)

const characters = { lt: "<", gt: ">", quot: '"', amp: "&" }

// seen is what a reader shows of a text, without white space.
export const seen = (reader, source) =>
  rendered[reader](source).replace(/<[^>]*>/g, "").replace(/&(lt|gt|quot|amp);/g, (_, name) => characters[name]).replace(/[\s\u0085]+/g, "")

const notion = /^https:\/\/app\.notion\.com\/(?:p\/)?[\w-]*[0-9a-f]{32}(?:#[0-9a-f]{32})?$/

// live is what a reader makes of a text beside text and links to Notion.
export const live = (reader, source) =>
  readers[reader](source).filter(([kind, address]) => kind !== "link" || !notion.test(address)).map((found) => found.join(" "))
