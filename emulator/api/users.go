package api

import "github.com/mcp-notion/mcp-notion/emulator/wire"

// me is the bot of the caller. It needs no capability, so it is how a client
// finds out whether its token is alive.
func (a *API) me(r *request) (any, error) { return a.bot(r.caller), nil }

// bot writes the user of an integration. Its owner is the workspace, as for
// internal integrations, or the person who made an OAuth connection.
func (a *API) bot(t *Caller) wire.Object {
	owner := wire.Object{"type": "workspace", "workspace": true}
	if t.Owner != "" {
		owner = wire.Object{"type": "user", "user": wire.View{Person: a.person(t)}.User(t.Owner)}
	}
	return wire.Object{
		"object": "user", "id": t.Bot, "type": "bot", "name": t.Name, "avatar_url": nil,
		"bot": wire.Object{
			"owner":          owner,
			"workspace_id":   a.store.W.ID,
			"workspace_name": a.store.W.Name,
			"workspace_limits": wire.Object{
				"max_file_upload_size_in_bytes": 5242880,
			},
		},
	}
}

// listUsers lists the people of the workspace and the caller's own bot, which
// comes last.
func (a *API) listUsers(r *request) (any, error) {
	users := a.store.W.Users
	cut, err := a.slice(r, len(users)+1, func(i int) string {
		if i == len(users) {
			return r.caller.Bot
		}
		return users[i].ID
	})
	if err != nil {
		return nil, err
	}
	var results []any
	v := a.view(r)
	for i := cut.from; i < cut.to; i++ {
		if i == len(users) {
			results = append(results, a.bot(r.caller))
			continue
		}
		results = append(results, v.User(users[i].ID))
	}
	return list("user", results, cut), nil
}

// getUser gives one person, or the caller's own bot. Other bots are not found.
func (a *API) getUser(r *request) (any, error) {
	if r.id == r.caller.Bot {
		return a.bot(r.caller), nil
	}
	if _, _, ok := a.store.Person(r.id); !ok {
		return nil, notFound("user", r.id, r.caller)
	}
	return a.view(r).User(r.id), nil
}
