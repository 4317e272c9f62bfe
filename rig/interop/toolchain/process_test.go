package toolchain

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestStartTellsWhyAServerEnded(t *testing.T) {
	t.Parallel()
	addr, err := FreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	end, err := Start(exec.Command(os.Args[0], "-no-such-flag"), "http://"+addr)
	if err == nil {
		t.Error("no error, though the server ended")
	}
	if err := end(); err == nil || !strings.Contains(err.Error(), "no-such-flag") {
		t.Errorf("end = %v, want what the server said", err)
	}
}

func TestStartNeedsABinary(t *testing.T) {
	t.Parallel()
	end, err := Start(exec.Command("/no/such/binary"), "")
	if err == nil {
		t.Error("Start = nil, want an error")
	}
	if err := end(); err != nil {
		t.Errorf("end = %v, want nil: nothing was started", err)
	}
}
