package tools

import (
	"encoding/json"
	"fmt"

	"github.com/mcp-notion/mcp-notion/tokens"
	"github.com/mcp-notion/mcp-notion/tools/argument"
)

// connectionParam lets a call name one of several connections of its user.
var connectionParam = argument.Param{Name: "connection", Kind: argument.Text, Max: 64, About: "Handle of the Notion connection, if the user has several"}

// TakeConnection takes the handle of a connection out of the arguments of a
// call; without one it is the default handle. Which Subject's connection that
// is, is never for the arguments to say. The error is in words for a model.
func TakeConnection(args json.RawMessage) (tokens.Handle, json.RawMessage, error) {
	var all map[string]json.RawMessage
	if len(args) == 0 || json.Unmarshal(args, &all) != nil || all[connectionParam.Name] == nil {
		return tokens.DefaultHandle, args, nil // the tool explains what is wrong with the rest
	}
	var name string
	if err := json.Unmarshal(all[connectionParam.Name], &name); err != nil {
		return "", nil, fmt.Errorf("`connection` must be a handle such as %q", tokens.DefaultHandle)
	}
	handle, err := tokens.ParseHandle(name)
	if err != nil {
		return "", nil, err
	}
	delete(all, connectionParam.Name)
	rest, err := json.Marshal(all)
	return handle, rest, err
}
