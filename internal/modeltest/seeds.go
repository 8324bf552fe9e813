package modeltest

import (
	"errors"
	"iter"
	"os"
	"strconv"
	"strings"
	"testing"
)

// Seeds are as many as that from 1 on, or those of TEST_SEED: one seed, or a range such as 1000-1999.
func Seeds(t testing.TB, count uint64) iter.Seq[uint64] {
	t.Helper()
	first, last := uint64(1), count
	if text := os.Getenv("TEST_SEED"); text != "" {
		from, to, isRange := strings.Cut(text, "-")
		if !isRange {
			to = from
		}
		var errs [2]error
		first, errs[0] = strconv.ParseUint(from, 10, 64)
		last, errs[1] = strconv.ParseUint(to, 10, 64)
		if err := errors.Join(errs[:]...); err != nil {
			t.Fatalf("TEST_SEED: %v", err)
		}
	}
	return func(yield func(uint64) bool) {
		for seed := first; seed <= last && yield(seed); seed++ {
		}
	}
}
