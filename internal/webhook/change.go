package webhook

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mcp-notion/mcp-notion/notion"
)

// Change is Notion's word that an object is new, changed, moved or gone. Which
// of these it is does not matter, but for Below: whoever may see the object, or
// has seen it, looks.
type Change struct {
	Event     string // id; a delivery that is repeated has the same
	At        time.Time
	Workspace notion.ID
	Object    notion.ID
	Kind      string // page, database or data_source; "" for what no index holds
	// Below says that others may see the object now, and so what hangs below it,
	// of which Notion says nothing more.
	Below bool
	// Readers are the users and bots who are said to see the object; none where
	// Notion does not say.
	Readers []Reader
}

// Reader is one of them.
type Reader struct {
	ID   notion.ID `json:"id"`
	Type string    `json:"type"` // person or bot
}

// For says whether a change may be of interest to a bot of the workspace and to
// the person who gave it access, as far as that is known.
func (c Change) For(bot, person notion.ID) bool {
	bots := false
	for _, r := range c.Readers {
		if r.ID == bot || person != "" && r.ID == person {
			return true
		}
		bots = bots || r.Type == "bot"
	}
	// A list of persons alone excludes nobody whose person is not known.
	return len(c.Readers) == 0 || person == "" && !bots
}

// ParseChange reads an event of Notion. Events of kinds that are not known are
// no error: Notion adds some.
func ParseChange(body []byte) (Change, error) {
	var said struct {
		ID        string    `json:"id"`
		Timestamp time.Time `json:"timestamp"`
		Workspace notion.ID `json:"workspace_id"`
		Type      string    `json:"type"`
		Readers   []Reader  `json:"accessible_by"`
		Entity    struct {
			ID   notion.ID `json:"id"`
			Type string    `json:"type"`
		} `json:"entity"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return Change{}, fmt.Errorf("read an event of Notion: %w", errShape)
	}
	c := Change{Event: said.ID, At: said.Timestamp, Workspace: said.Workspace, Object: said.Entity.ID, Readers: said.Readers}
	c.Kind, c.Below = kind(said.Type, said.Entity.Type), below(said.Type)
	_, workspace := notion.ParseID(string(c.Workspace))
	_, object := notion.ParseID(string(c.Object))
	if said.ID == "" || len(said.ID) > maxID || said.Type == "" || said.Timestamp.IsZero() || workspace != nil || object != nil {
		return Change{}, fmt.Errorf("read an event of Notion: %w", errShape)
	}
	return c, nil
}

// kind is what the object of an event is. Events about tables may call theirs a
// block, and so may those that concern all below it: what it is, the index knows.
func kind(event, entity string) string {
	if about, _, _ := strings.Cut(event, "."); entity == "block" && (about != "page" || below(event)) {
		entity = about
	}
	if slices.Contains([]string{"page", "database", "data_source"}, entity) {
		return entity
	}
	return ""
}

// below says whether an event changes who may see what hangs below its object.
func below(event string) bool {
	_, what, _ := strings.Cut(event, ".")
	return slices.Contains([]string{"permissions_updated", "moved", "deleted"}, what)
}

// errShape does not repeat what was sent.
var errShape = errors.New("it does not have the form of one")

// maxID is the longest id of an event that is remembered.
const maxID = 200
