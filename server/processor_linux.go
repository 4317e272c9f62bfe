package server

import (
	"runtime"
	"syscall"
	"time"
)

// rusageThread asks for the calling thread alone.
const rusageThread = 1

// processorTime begins to measure what this goroutine uses of a processor; what
// it waits for costs nothing. The goroutine keeps its thread until it asks for
// the result.
func processorTime() (used func() time.Duration) {
	runtime.LockOSThread()
	before := threadTime()
	return func() time.Duration {
		defer runtime.UnlockOSThread()
		return threadTime() - before
	}
}

func threadTime() time.Duration {
	var all syscall.Rusage
	if syscall.Getrusage(rusageThread, &all) != nil {
		return 0
	}
	return time.Duration(all.Utime.Nano() + all.Stime.Nano())
}
