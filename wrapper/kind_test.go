package wrapper

import (
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

// headings are those of the table, by the kind of the row below.
var headings = map[kind]string{
	refusedCall:      "a response of Slack's",
	serverError:      "another response, whatever its body says",
	noAnswer:         "no response",
	waitPastDeadline: "no attempt, or no further one",
	foreign:          "not an *Error",
}

func tableOfKinds() string {
	var b strings.Builder
	row := func(cells ...any) { fmt.Fprintf(&b, "//	%-37s  %-9s  %-14s  %-7s  %-8s  %s\n", cells...) }
	row("", "Retryable", "OutcomeUnknown", "NotSent", "StopsRun", "Reason")
	yes := map[bool]string{true: "yes", false: "-"}
	for i, k := range kinds[refusedCall:] {
		reason := k.reason
		switch {
		case reason == "" && k.fromSlack:
			reason = "the code"
		case reason == "":
			reason = "http_NNN"
		}
		if heading := headings[kind(i)+refusedCall]; heading != "" {
			fmt.Fprintf(&b, "//	%s:\n", heading)
		}
		maybe, not := yes[k.effect == effectUnknown], yes[k.effect == effectNotSent]
		if k.effect == effectIfSent {
			maybe, not = "if sent", "if not"
		}
		row("  "+k.what, yes[k.retryable], maybe, not, yes[k.stopsRun], reason)
	}
	return b.String()
}

func TestEveryKindIsInTheTable(t *testing.T) {
	for k := refusedCall; k <= foreign; k++ {
		assert.NotEmpty(t, k.info().what, "kind %d", k)
		assert.NotEmpty(t, k.info().effect, "kind %d", k)
	}
}
