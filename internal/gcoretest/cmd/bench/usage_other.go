//go:build !linux

package main

import "time"

// usage is measured on Linux alone.
type usage struct{ kib int64 }

func (*usage) watch(int) {}

func (*usage) stop() {}

func (*usage) processor() time.Duration { return 0 }
