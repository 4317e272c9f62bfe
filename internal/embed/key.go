package embed

import "log/slog"

// Key is the secret of an endpoint. Only Reveal gives it away. It is kept
// behind a function, because fmt prints strings in unexported fields without
// asking their String methods.
type Key struct{ secret func() string }

// NewKey wraps a secret.
func NewKey(secret string) Key { return Key{secret: func() string { return secret }} }

// Reveal returns the secret, for an Authorization header and nothing else.
func (k Key) Reveal() string {
	if k.secret == nil {
		return ""
	}
	return k.secret()
}

const redacted = "[redacted]"

func (Key) String() string               { return redacted }
func (Key) GoString() string             { return redacted }
func (Key) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (Key) MarshalText() ([]byte, error) { return []byte(redacted), nil }
