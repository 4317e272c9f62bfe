package emulator

import "github.com/mcp-notion/mcp-notion/notion/emulator/wire"

// me is the bot of the caller; it needs no capability.
func (s *Server) me(r *request) (any, error) { return s.bot(r.token), nil }

func (s *Server) bot(t *token) wire.Object {
	return wire.Object{
		"object": "user", "id": t.bot, "type": "bot", "name": t.Name, "avatar_url": nil,
		"bot": wire.Object{
			"owner":          wire.Object{"type": "workspace", "workspace": true},
			"workspace_id":   s.store.w.ID,
			"workspace_name": s.store.w.Name,
			"workspace_limits": wire.Object{
				"max_file_upload_size_in_bytes": 5242880,
			},
		},
	}
}

func (s *Server) listUsers(r *request) (any, error) {
	users := s.store.w.Users
	cut, err := s.slice(r, len(users)+1, func(i int) string {
		if i == len(users) {
			return r.token.bot
		}
		return users[i].ID
	})
	if err != nil {
		return nil, err
	}
	var results []any
	v := s.view(r)
	for i := cut.from; i < cut.to; i++ {
		if i == len(users) {
			results = append(results, s.bot(r.token))
			continue
		}
		results = append(results, v.User(users[i].ID))
	}
	return list("user", results, cut), nil
}

func (s *Server) getUser(r *request) (any, error) {
	if r.id == r.token.bot {
		return s.bot(r.token), nil
	}
	if _, _, ok := s.store.person(r.id); !ok {
		return nil, notFound("user", r.id, r.token)
	}
	return s.view(r).User(r.id), nil
}
