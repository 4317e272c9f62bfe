package notion

import (
	"encoding/json"
	"time"
)

// Parent says where a page, block, database or comment hangs. Type names the
// field that is set; a row of a data source has both DataSourceID and
// DatabaseID.
type Parent struct {
	Type         string `json:"type,omitempty"` // page_id, block_id, database_id, data_source_id, workspace, agent_id
	PageID       ID     `json:"page_id,omitempty"`
	BlockID      ID     `json:"block_id,omitempty"`
	DatabaseID   ID     `json:"database_id,omitempty"`
	DataSourceID ID     `json:"data_source_id,omitempty"`
	Workspace    bool   `json:"workspace,omitempty"`
}

// ID returns the id of the parent, or "" for the workspace. For a row it is
// the data source's id.
func (p Parent) ID() ID {
	switch p.Type {
	case "page_id":
		return p.PageID
	case "block_id":
		return p.BlockID
	case "data_source_id":
		return p.DataSourceID
	case "database_id":
		return p.DatabaseID
	}
	return ""
}

// Annotations are the inline styles of a run of rich text.
type Annotations struct {
	Bold          bool   `json:"bold"`
	Italic        bool   `json:"italic"`
	Strikethrough bool   `json:"strikethrough"`
	Underline     bool   `json:"underline"`
	Code          bool   `json:"code"`
	Color         string `json:"color,omitempty"`
}

// RichText is one run of text. PlainText is always what a reader sees, also
// for mentions and equations, which carry no Text.
type RichText struct {
	Type        string       `json:"type"` // text, mention, equation
	Text        *Text        `json:"text,omitempty"`
	Mention     *Mention     `json:"mention,omitempty"`
	Equation    *Equation    `json:"equation,omitempty"`
	Annotations *Annotations `json:"annotations,omitempty"`
	PlainText   string       `json:"plain_text,omitempty"`
	Href        string       `json:"href,omitempty"`
}

// Text is the payload of a RichText of type text. A request may hold at most
// 2,000 characters of Content.
type Text struct {
	Content string `json:"content"`
	Link    *Link  `json:"link,omitempty"`
}

// Link is the target of linked text.
type Link struct {
	URL string `json:"url"`
}

// Equation is a KaTeX expression.
type Equation struct {
	Expression string `json:"expression"`
}

// Mention points from text to a user, date, page, database, link or emoji.
type Mention struct {
	Type        string       `json:"type"` // user, date, page, database, data_source, link_preview, link_mention, template_mention, custom_emoji
	User        *User        `json:"user,omitempty"`
	Date        *Date        `json:"date,omitempty"`
	Page        *Object      `json:"page,omitempty"`
	Database    *Object      `json:"database,omitempty"`
	DataSource  *Object      `json:"data_source,omitempty"`
	LinkPreview *Link        `json:"link_preview,omitempty"`
	LinkMention *LinkMention `json:"link_mention,omitempty"`
	Other       *Other       `json:"other,omitempty"` // what is known of a mention of another type
}

// Other is something of a type that has no field of its own, such as an agent.
type Other struct {
	Name string `json:"name,omitempty"`
	ID   ID     `json:"id,omitempty"`
}

// LinkMention is the unfurled page behind a link_mention.
type LinkMention struct {
	Href        string `json:"href"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
}

// Object is a bare reference: kind and id.
type Object struct {
	Object string `json:"object,omitempty"`
	ID     ID     `json:"id"`
}

// Date is a date or a range; the strings are ISO 8601, with or without time.
type Date struct {
	Start    string `json:"start"`
	End      string `json:"end,omitempty"`
	TimeZone string `json:"time_zone,omitempty"`
}

// User is a person or a bot. Name is empty where the integration lacks the
// user capability.
type User struct {
	Object string  `json:"object,omitempty"`
	ID     ID      `json:"id"`
	Agent  ID      `json:"agent_id,omitempty"` // instead of ID where an agent stands for a person
	Type   string  `json:"type,omitempty"`
	Name   string  `json:"name,omitempty"`
	Person *Person `json:"person,omitempty"`
	Bot    *Bot    `json:"bot,omitempty"`
}

// Person holds what the integration may know of a person.
type Person struct {
	Email string `json:"email,omitempty"`
}

// Bot describes the integration that a token belongs to.
type Bot struct {
	WorkspaceID   string `json:"workspace_id,omitempty"`
	WorkspaceName string `json:"workspace_name,omitempty"`
	Owner         *Owner `json:"owner,omitempty"`
}

// Owner is who gave a bot access: a user, or the whole workspace.
type Owner struct {
	Type string `json:"type,omitempty"` // user, workspace
	User *User  `json:"user,omitempty"`
}

// Icon is the icon of a page, callout or database.
type Icon struct {
	Type  string `json:"type"`
	Emoji string `json:"emoji,omitempty"`
}

// File is an uploaded (type file, URL valid for one hour, never to be stored
// or shown) or external file.
type File struct {
	Type     string   `json:"type,omitempty"` // file, external, file_upload
	Name     string   `json:"name,omitempty"`
	File     *FileURL `json:"file,omitempty"`
	External *FileURL `json:"external,omitempty"`
}

// FileURL is where a file can be fetched.
type FileURL struct {
	URL        string     `json:"url"`
	ExpiryTime *time.Time `json:"expiry_time,omitempty"`
}

// Block is one block. Its payload, which the wire keeps under a key named like
// the type, is Content.
type Block struct {
	ID             ID
	Parent         Parent
	Type           string
	CreatedTime    time.Time // rounded down to the minute by Notion
	LastEditedTime time.Time // rounded down to the minute by Notion
	HasChildren    bool
	InTrash        bool
	Content        Content
}

// Content is the union of the payloads of all block types; which fields are
// set depends on Block.Type.
type Content struct {
	RichText        []RichText    `json:"rich_text,omitempty"`         // paragraph, headings, list items, quote, to_do, toggle, callout, template, code
	Caption         []RichText    `json:"caption,omitempty"`           // code, embed, bookmark, image, video, pdf, file, audio
	Cells           [][]RichText  `json:"cells,omitempty"`             // table_row
	Title           []RichText    `json:"title,omitempty"`             // meeting_notes; for child_page and child_database one run made of the string
	Checked         bool          `json:"checked,omitempty"`           // to_do
	Language        string        `json:"language,omitempty"`          // code
	Expression      string        `json:"expression,omitempty"`        // equation
	URL             string        `json:"url,omitempty"`               // embed, bookmark, link_preview
	Name            string        `json:"name,omitempty"`              // file
	Icon            *Icon         `json:"icon,omitempty"`              // callout, tab label paragraphs
	IsToggleable    bool          `json:"is_toggleable,omitempty"`     // headings
	Color           string        `json:"color,omitempty"`             //
	ListStartIndex  int           `json:"list_start_index,omitempty"`  // numbered_list_item
	TableWidth      int           `json:"table_width,omitempty"`       // table
	HasColumnHeader bool          `json:"has_column_header,omitempty"` // table
	HasRowHeader    bool          `json:"has_row_header,omitempty"`    // table
	SyncedFrom      *SyncedFrom   `json:"synced_from,omitempty"`       // synced_block; nil marks the original
	File            *FileURL      `json:"file,omitempty"`              // image, video, pdf, file, audio
	External        *FileURL      `json:"external,omitempty"`          // image, video, pdf, file, audio
	PageID          ID            `json:"page_id,omitempty"`           // link_to_page
	DatabaseID      ID            `json:"database_id,omitempty"`       // link_to_page
	DataSourceID    ID            `json:"data_source_id,omitempty"`    // link_to_page
	BlockType       string        `json:"block_type,omitempty"`        // unsupported: the real type
	Status          string        `json:"status,omitempty"`            // meeting_notes
	Children        *MeetingParts `json:"-"`                           // meeting_notes
}

// SyncedFrom names the original of a synced block.
type SyncedFrom struct {
	BlockID ID `json:"block_id"`
}

// MeetingParts names the blocks that hold the parts of a meeting_notes block.
type MeetingParts struct {
	Summary    ID `json:"summary_block_id,omitempty"`
	Notes      ID `json:"notes_block_id,omitempty"`
	Transcript ID `json:"transcript_block_id,omitempty"`
}

// Page is a page or a row of a data source, without its body. Partial pages
// (no read capability) have only an ID.
type Page struct {
	ID             ID                  `json:"id"`
	CreatedTime    time.Time           `json:"created_time"`
	LastEditedTime time.Time           `json:"last_edited_time"` // rounded down to the minute by Notion
	CreatedBy      User                `json:"created_by"`
	InTrash        bool                `json:"in_trash"`
	IsArchived     bool                `json:"is_archived"`
	URL            string              `json:"url"`
	PublicURL      string              `json:"public_url"`
	Parent         Parent              `json:"parent"`
	Properties     map[string]Property `json:"properties"`
	Icon           *Icon               `json:"icon"`
}

// Property is the value of one property of a page; which field is set depends
// on Type. At most 25 references come with a page object.
type Property struct {
	ID             string          `json:"id,omitempty"`
	Type           string          `json:"type,omitempty"`
	Title          []RichText      `json:"title,omitempty"`
	RichText       []RichText      `json:"rich_text,omitempty"`
	Number         *float64        `json:"number,omitempty"`
	URL            string          `json:"url,omitempty"`
	Select         *Option         `json:"select,omitempty"`
	MultiSelect    []Option        `json:"multi_select,omitempty"`
	Status         *Option         `json:"status,omitempty"`
	Date           *Date           `json:"date,omitempty"`
	Email          string          `json:"email,omitempty"`
	PhoneNumber    string          `json:"phone_number,omitempty"`
	Checkbox       bool            `json:"checkbox,omitempty"`
	Files          []File          `json:"files,omitempty"`
	People         []User          `json:"people,omitempty"`
	Relation       []Object        `json:"relation,omitempty"`
	HasMore        bool            `json:"has_more,omitempty"` // relation: more than 25
	Rollup         *Rollup         `json:"rollup,omitempty"`
	Formula        *Formula        `json:"formula,omitempty"`
	CreatedBy      *User           `json:"created_by,omitempty"`
	CreatedTime    string          `json:"created_time,omitempty"`
	LastEditedBy   *User           `json:"last_edited_by,omitempty"`
	LastEditedTime string          `json:"last_edited_time,omitempty"`
	UniqueID       *UniqueID       `json:"unique_id,omitempty"`
	Verification   *Verification   `json:"verification,omitempty"`
	Place          json.RawMessage `json:"place,omitempty"`

	// Unread says that there is a value of a type that is not known here.
	Unread bool `json:"unread,omitempty"`
}

// Option is a choice of a select, multi_select or status property.
type Option struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name"`
	Color string `json:"color,omitempty"`
}

// Rollup is a value computed over a relation.
type Rollup struct {
	Type     string     `json:"type"` // number, date, array, unsupported, incomplete
	Number   *float64   `json:"number,omitempty"`
	Date     *Date      `json:"date,omitempty"`
	Array    []Property `json:"array,omitempty"`
	Function string     `json:"function,omitempty"`
}

// Formula is a computed value.
type Formula struct {
	Type    string   `json:"type"` // string, number, boolean, date, unsupported
	String  string   `json:"string,omitempty"`
	Number  *float64 `json:"number,omitempty"`
	Boolean *bool    `json:"boolean,omitempty"`
	Date    *Date    `json:"date,omitempty"`
}

// UniqueID is the number that Notion gives to each row, with its prefix.
type UniqueID struct {
	Prefix string `json:"prefix,omitempty"`
	Number int    `json:"number"`
}

// Verification is the state of a verified wiki page.
type Verification struct {
	State string `json:"state"`
	Date  *Date  `json:"date,omitempty"`
}

// Database is the container of one or more data sources.
type Database struct {
	ID             ID              `json:"id"`
	Title          []RichText      `json:"title"`
	Description    []RichText      `json:"description"`
	DataSources    []DataSourceRef `json:"data_sources"`
	Parent         Parent          `json:"parent"`
	URL            string          `json:"url"`
	InTrash        bool            `json:"in_trash"`
	IsInline       bool            `json:"is_inline"`
	CreatedTime    time.Time       `json:"created_time"`
	LastEditedTime time.Time       `json:"last_edited_time"`
}

// DataSourceRef names one data source of a database.
type DataSourceRef struct {
	ID   ID     `json:"id"`
	Name string `json:"name"`
}

// DataSource is a table: the schema of its properties, and where it hangs.
type DataSource struct {
	ID             ID                `json:"id"`
	Title          []RichText        `json:"title"`
	Description    []RichText        `json:"description"`
	Properties     map[string]Schema `json:"properties"`
	Order          []string          `json:"order,omitempty"` // names of the properties as Notion listed them
	Parent         Parent            `json:"parent"`          // database_id
	DatabaseParent Parent            `json:"database_parent"` // where the database hangs
	URL            string            `json:"url"`
	InTrash        bool              `json:"in_trash"`
	CreatedTime    time.Time         `json:"created_time"`
	LastEditedTime time.Time         `json:"last_edited_time"`
}

// Schema describes one property of a data source.
type Schema struct {
	ID          string      `json:"id,omitempty"`
	Name        string      `json:"name,omitempty"`
	Type        string      `json:"type"`
	Description string      `json:"description,omitempty"`
	Select      *Options    `json:"select,omitempty"`
	MultiSelect *Options    `json:"multi_select,omitempty"`
	Status      *Options    `json:"status,omitempty"`
	Relation    *RelationTo `json:"relation,omitempty"`
}

// Options are the choices of a select-like property.
type Options struct {
	Options []Option      `json:"options"`
	Groups  []OptionGroup `json:"groups,omitempty"` // of a status
}

// OptionGroup is a stage that options of a status belong to, such as "In
// progress".
type OptionGroup struct {
	Name      string   `json:"name"`
	OptionIDs []string `json:"option_ids"`
}

// RelationTo names the data source that a relation points to.
type RelationTo struct {
	DataSourceID ID `json:"data_source_id"`
	DatabaseID   ID `json:"database_id,omitempty"`
}

// Comment is one comment. Without the read-comment capability only ID is set.
type Comment struct {
	ID             ID           `json:"id"`
	Parent         Parent       `json:"parent"`
	DiscussionID   ID           `json:"discussion_id"`
	CreatedTime    time.Time    `json:"created_time"`
	LastEditedTime time.Time    `json:"last_edited_time"`
	CreatedBy      User         `json:"created_by"`
	RichText       []RichText   `json:"rich_text"`
	DisplayName    *DisplayName `json:"display_name,omitempty"`
	Attachments    []Attachment `json:"attachments,omitempty"`
}

// Attachment is a file beside the text of a comment. Its address is signed and
// not read.
type Attachment struct {
	Category string `json:"category,omitempty"` // image, video, audio, pdf, productivity
}

// DisplayName is how the author of a comment is shown.
type DisplayName struct {
	Type         string `json:"type"`
	ResolvedName string `json:"resolved_name,omitempty"`
}

// PageMarkdown is a page's body as enhanced Markdown, without block ids.
type PageMarkdown struct {
	ID              ID     `json:"id"`
	Markdown        string `json:"markdown"`
	Truncated       bool   `json:"truncated"`
	UnknownBlockIDs []ID   `json:"unknown_block_ids"`
}

// PlainText joins the runs as a reader sees them.
func PlainText(runs []RichText) string {
	if len(runs) == 1 {
		return runs[0].PlainText
	}
	var s []byte
	for _, r := range runs {
		s = append(s, r.PlainText...)
	}
	return string(s)
}

// Title is the page's title, or "" where it has none.
func (p *Page) Title() string {
	for _, v := range p.Properties {
		if v.Type == "title" {
			return PlainText(v.Title)
		}
	}
	return ""
}
