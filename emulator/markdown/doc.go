// Package markdown turns Markdown into Notion blocks and blocks into Notion's
// enhanced Markdown. Every line of text ends up in the text of some block, and
// each block knows the lines that its own text came from.
//
// Beside GitHub's Markdown it reads `$x$` and `$$` as equations, `> [!NOTE]`
// and <aside> as callouts, and these tags, each of which may hold blocks:
//
//	<details><summary>Text</summary> … </details>   toggle; a summary "## Text" makes a toggle heading
//	<columns><column> … </column></columns>
//	<tabs><tab title="Label"> … </tab></tabs>
//	<synced_block id="name"> … </synced_block>       original
//	<meeting-notes title="Text"><summary> … </summary><notes> … </notes><transcript> … </transcript></meeting-notes>
//
// A comment that stands alone makes one of the blocks that Markdown has no
// words for, so that awkward pages can be written down as files:
//
//	<!-- unsupported: TYPE -->        ai_block and external_object_instance_page refuse to list their children
//	<!-- linked_database: Title -->   a child_database whose id answers 404
//	<!-- synced_copy: name -->        a copy of the original with that id, in this page or another
//	<!-- link_to_page: other.md -->   or a page id
//	<!-- link_preview: URL -->
//	<!-- embed: URL -->
//	<!-- template: Button text -->
//	<!-- breadcrumb -->
//	<!-- table_of_contents -->
//
// A link to user://NAME is a mention of that person, one to date:2026-01-31
// that of a day. All other comments are left out, as are the addresses of
// links that a rich text cannot hold.
package markdown
