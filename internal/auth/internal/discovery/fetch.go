// Package discovery reads what an issuer publishes about itself: its metadata
// and its keys. It keeps both for a while, asks seldom however often it is
// asked, and stops answering when what it has is too old.
package discovery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/json"
)

const (
	maxDocument    = 1 << 20
	requestTimeout = 5 * time.Second
)

// Client returns a client with the transport of base (which may be nil) that
// waits a bounded time and follows no redirects, so that an issuer is only
// ever where the operator said.
func Client(base *http.Client) *http.Client {
	c := http.Client{Timeout: requestTimeout}
	if base != nil {
		c.Transport = base.Transport
		if base.Timeout > 0 {
			c.Timeout = base.Timeout
		}
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// CheckURL refuses what is no absolute URL, has credentials, a query or a
// fragment, or speaks plain http to any host but this one.
func CheckURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "":
		return errors.New("not an absolute URL")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(s, "#"):
		return errors.New("credentials, query and fragment are not allowed in the URL")
	case u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	}
	return errors.New("https is needed unless the host is this machine")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Read sends the request and decodes the JSON object that is answered with
// 200. Its errors tell where and with which status, never what was answered.
func Read(ctx context.Context, client *http.Client, req *http.Request, into any) error {
	req.Header.Set("Accept", "application/json")
	where := req.Method + " " + req.URL.Redacted()
	res, err := client.Do(req.WithContext(ctx))
	if err != nil {
		return fmt.Errorf("%s: %w", where, cause(err))
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxDocument+1))
	switch {
	case res.StatusCode != http.StatusOK:
		return fmt.Errorf("%s: status %d", where, res.StatusCode)
	case err != nil:
		return fmt.Errorf("%s: read the answer: %w", where, cause(err))
	case len(body) > maxDocument:
		return fmt.Errorf("%s: the answer is longer than %d bytes", where, maxDocument)
	case !isJSON(res.Header.Get("Content-Type")):
		return fmt.Errorf("%s: the answer is not JSON", where)
	}
	if json.Unmarshal(body, into) != nil {
		return fmt.Errorf("%s: the answer cannot be decoded", where)
	}
	return nil
}

// isJSON accepts application/json and its relatives, and no type at all.
func isJSON(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	return contentType == "" || err == nil && (strings.HasSuffix(t, "json") || t == "text/plain" || t == "application/octet-stream")
}

// cause drops the URL that net/http repeats in its errors.
func cause(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func get(ctx context.Context, client *http.Client, from string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return fmt.Errorf("GET %s: %w", from, err)
	}
	return Read(ctx, client, req, into)
}
