package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// usage is the most resident memory that a provider of Terraform's has had, and the processor time of all that it has
// started. The provider is Terraform's child and not ours, so that its usage is not told to us at its end: it is looked at
// while it runs. The kernel keeps both, so that only what is new in the last moment is missed.
type usage struct {
	end   chan struct{}
	done  sync.WaitGroup
	kib   int64
	ticks map[string]int64 // by process
}

// watch looks at the children of a process until stop.
func (u *usage) watch(pid int) {
	u.end, u.ticks = make(chan struct{}), map[string]int64{}
	u.done.Go(func() {
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-u.end:
				return
			case <-ticker.C:
			}
			for _, child := range children(pid) {
				u.look(child)
			}
		}
	})
}

// stop ends the watch.
func (u *usage) stop() {
	if u.end != nil {
		close(u.end)
		u.done.Wait()
		u.end = nil
	}
}

// processor is the processor time of all processes. The kernel counts it in hundredths of a second.
func (u *usage) processor() time.Duration {
	var ticks int64
	for _, ofProcess := range u.ticks {
		ticks += ofProcess
	}
	return time.Duration(ticks) * time.Second / 100
}

func children(pid int) []string {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	var ids []string
	for _, file := range files {
		content, _ := os.ReadFile(file) //nolint:gosec // of the kernel; the thread may have ended
		ids = append(ids, strings.Fields(string(content))...)
	}
	return ids
}

// look notes VmHWM and the times of a provider's process, unless it is none, or gone.
func (u *usage) look(pid string) {
	status, _ := os.ReadFile(filepath.Join("/proc", pid, "status")) //nolint:gosec // of the kernel
	if !bytes.HasPrefix(status, []byte("Name:\tterraform-provi")) { // cut by the kernel
		return
	}
	_, after, _ := bytes.Cut(status, []byte("VmHWM:"))
	line, _, _ := bytes.Cut(after, []byte("kB"))
	kib, _ := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64)
	u.kib = max(u.kib, kib)
	stat, _ := os.ReadFile(filepath.Join("/proc", pid, "stat")) //nolint:gosec // of the kernel
	// Behind the name, which may have spaces: the state is the third field, utime and stime are the 14th and 15th.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 13 {
		return
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	u.ticks[pid] = max(u.ticks[pid], user+system)
}
