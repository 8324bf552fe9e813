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

// peak is the most resident memory that a provider of Terraform's has had. The provider is Terraform's child and not
// ours, so that its usage is not told to us at its end: it is looked at while it runs. The kernel keeps the peak, so that
// only what is new in the last moment is missed.
type peak struct {
	end  chan struct{}
	done sync.WaitGroup
	kib  int64
}

// watch looks at the children of a process until stop.
func (p *peak) watch(pid int) {
	p.end = make(chan struct{})
	p.done.Go(func() {
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-p.end:
				return
			case <-ticker.C:
			}
			for _, child := range children(pid) {
				p.kib = max(p.kib, highWater(child))
			}
		}
	})
}

// stop ends the watch and returns the peak in KiB; 0 if none was seen.
func (p *peak) stop() int64 {
	if p.end != nil {
		close(p.end)
		p.done.Wait()
		p.end = nil
	}
	return p.kib
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

// highWater is VmHWM of a provider's process; 0 if it is none, or gone.
func highWater(pid string) int64 {
	status, _ := os.ReadFile(filepath.Join("/proc", pid, "status")) //nolint:gosec // of the kernel
	if !bytes.HasPrefix(status, []byte("Name:\tterraform-provi")) { // cut by the kernel
		return 0
	}
	_, after, _ := bytes.Cut(status, []byte("VmHWM:"))
	line, _, _ := bytes.Cut(after, []byte("kB"))
	kib, _ := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64)
	return kib
}
