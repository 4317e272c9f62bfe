package console

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

const notionURL = "https://api.notion.com"

// mostSkew is by how much the clock may be wrong.
const mostSkew = time.Minute

// network checks the way to Notion with a request without a token: name, route,
// encryption, and what answers.
func (x *examination) network(ctx context.Context) finding {
	address := strings.TrimRight(cmp.Or(x.cfg.NotionURL, notionURL), "/")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(address, "/v1")+"/v1/users/me", nil)
	if err != nil {
		return found(failing, "%s cannot be asked", address)
	}
	via := proxyName(req)
	began := time.Now()
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return unreachable(req.URL, via, err)
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, 1<<20) // only its head matters
	took := time.Since(began)
	if isHTML(resp) {
		return found(failing, "%s answers with a web page (status %d)%s, not as Notion's API does", address, resp.StatusCode, via).
			then("a proxy, firewall, VPN or login page stands in between; whoever runs it has to let api.notion.com through")
	}
	x.reachable = true
	if skew, known := clockSkew(resp, began.Add(took/2)); known && skew.Abs() > mostSkew {
		return found(warning, "%s answers%s, but the clock here is %s", address, via, skewWords(skew)).
			then("set the clock: times of edits are compared with it")
	}
	if plain(address) {
		return found(warning, "%s answers%s, but nothing on the way is encrypted, the token neither", address, via).
			then("use an https address")
	}
	return found(fine, "%s answers in %s%s", address, span(took), via)
}

func isHTML(resp *http.Response) bool {
	return strings.Contains(resp.Header.Get("Content-Type"), "text/html")
}

// proxyName tells which proxy a request takes, without a password in it.
func proxyName(req *http.Request) string {
	proxy, err := http.ProxyFromEnvironment(req)
	if err != nil || proxy == nil {
		return ""
	}
	return " through the proxy " + proxy.Host
}

// clockSkew is by how much the clock here is ahead of the answer's.
func clockSkew(resp *http.Response, at time.Time) (time.Duration, bool) {
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		return 0, false
	}
	return at.Sub(date), true
}

func skewWords(skew time.Duration) string {
	if skew < 0 {
		return span(-skew) + " slow"
	}
	return span(skew) + " fast"
}

// unreachable says at which step the way to Notion ended.
func unreachable(u *url.URL, via string, err error) finding {
	var dns *net.DNSError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var hostname x509.HostnameError
	var record tls.RecordHeaderError
	host := u.Host
	switch {
	case errors.As(err, &dns):
		return found(failing, "the name %s is not known here", dns.Name).
			then("look at the network connection, the DNS server and the spelling")
	case errors.As(err, &authority):
		return found(failing, "the certificate of %s%s is signed by somebody this machine does not know", host, via).
			then("a proxy that reads along has to have its certificate installed here; without one, do not go on")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return found(failing, "the certificate of %s has expired, or the clock here is wrong", host).then("look at the clock first")
	case errors.As(err, &invalid), errors.As(err, &hostname):
		return found(failing, "the certificate of %s%s is not its own", host, via).then("somebody stands in between; do not go on")
	case errors.As(err, &record):
		return found(failing, "%s does not speak TLS", host).then("use http:// for an emulator, https:// for Notion")
	case errors.Is(err, syscall.ECONNREFUSED):
		return found(failing, "nothing listens at %s%s", host, via).then("start the emulator, or look at --notion-url and the proxy")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, syscall.ETIMEDOUT):
		return found(failing, "%s does not answer%s", host, via).then("a firewall may drop the packets; set HTTPS_PROXY if this network needs a proxy")
	}
	return found(failing, "%s cannot be reached%s: %v", host, via, err).then("look at the network connection")
}
