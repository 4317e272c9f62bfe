package console

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Version is the version of this program, from what the Go tool wrote into it.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

// ShowVersion writes the VersionLine.
func ShowVersion(t Terminal) { t.say("%s", VersionLine()) }

// VersionLine is the version, the commit that it was made from, and for which
// system.
func VersionLine() string {
	line := "mcp-notion " + Version()
	if info, ok := debug.ReadBuildInfo(); ok {
		line += revision(info.Settings)
	}
	return fmt.Sprintf("%s %s %s/%s", line, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// revision is the commit, where it is not in the version already.
func revision(settings []debug.BuildSetting) string {
	commit, changed := "", ""
	for _, s := range settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			commit = s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = ", changed since"
		}
	}
	if commit == "" {
		return ""
	}
	return fmt.Sprintf(" (%s%s)", commit, changed)
}
