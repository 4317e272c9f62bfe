package auth

import "log/slog"

// Secret is a credential that cannot be printed, marshalled or logged. Only
// Reveal gives it away. It is kept behind a function, because fmt prints
// strings in unexported fields of other structs without asking their methods.
// The zero Secret is empty.
type Secret struct {
	reveal func() string
}

// NewSecret wraps a credential.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{reveal: func() string { return s }}
}

// Reveal returns the credential, for the request that needs it and nothing
// else.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsZero reports whether there is no credential.
func (s Secret) IsZero() bool { return s.reveal == nil }

const redacted = "[redacted]"

func (Secret) String() string               { return redacted }
func (Secret) GoString() string             { return redacted }
func (Secret) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
