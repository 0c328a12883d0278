package wrapper

import (
	"cmp"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The package's documentation shows the table of kinds as this test prints it.
func TestDocShowsTheTableOfKinds(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	assert.Contains(t, string(doc), tableOfKinds(), "copy it into doc.go:\n%s", tableOfKinds())
}

func tableOfKinds() string {
	var b strings.Builder
	row := func(cells ...any) { fmt.Fprintf(&b, "//	%-36s  %-9s  %-14s  %-7s  %-8s  %s\n", cells...) }
	row("the failure", "Retryable", "OutcomeUnknown", "NotSent", "StopsRun", "Reason")
	yes := map[bool]string{true: "yes", false: "-"}
	for i, k := range kinds[refusedCall:] {
		reason := cmp.Or(k.reason, "http_NNN")
		if kind := kind(i) + refusedCall; reason == "other_code" && kind != refusedUndocumented {
			reason = "the code"
		}
		maybe, not := yes[k.effect == effectUnknown], yes[k.effect == effectNotSent]
		if k.effect == effectIfSent {
			maybe, not = "if sent", "if not"
		}
		row(k.what, yes[k.retryable], maybe, not, yes[k.stopsRun], reason)
	}
	return b.String()
}

func TestEveryKindIsInTheTable(t *testing.T) {
	for k := refusedCall; k <= foreign; k++ {
		assert.NotEmpty(t, k.info().what, "kind %d", k)
		assert.NotEmpty(t, k.info().effect, "kind %d", k)
	}
}
