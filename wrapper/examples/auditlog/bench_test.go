package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkLog reads what a large organisation might search in one go.
func BenchmarkLog(b *testing.B) {
	var log strings.Builder
	for i := range 200_000 {
		log.WriteString(login(fmt.Sprintf("W%010d", i), fmt.Sprintf(`"8472%08d"`, i)) + "\n")
	}
	for b.Loop() {
		p := newPlan(&filter{actions: []string{"user_login"}}, "signout --live ")
		r := reader{each: func(e *entry) { p.add(e) }}
		require.NoError(b, r.read("log", strings.NewReader(log.String())))
	}
	b.ReportAllocs()
}
